// SPDX-License-Identifier: BSD-3-Clause
// What the device tells unasked: its signing key to everybody, its records to its managers, that it
// is there to its policy service.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <optional>
#include <set>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/bridge/event.hpp"
#include "noports/daemon/options.hpp"
#include "noports/proto/ping.hpp"
#include "noports/signing/own_key.hpp"

namespace noports::daemon {

// Of one loop. `mail` and `options` outlive it; the rules in the options may be replaced.
class Announcements {
 public:
  Announcements(asio::any_io_executor executor, atclient::Mailbox& mail, const Options& options);

  // Without the record payload mode has to do: an atServer may have no such records, or not let
  // this enrolment write them.
  asio::awaitable<void> publish_key();
  const std::optional<signing::OwnKey>& published_key() const noexcept { return published_; }
  proto::PingAnswer about_us() const;

  // `username` and `device_info`, anew every hour; with `hide` they are taken back. Both until
  // cancelled.
  asio::awaitable<void> keep_records();
  // Every five minutes, while there is a policy service (noports-newer.md 14.2).
  asio::awaitable<void> keep_policy_informed();
  // Managers that are new have records at once, those that are none any more lose theirs.
  void rules_changed(const Rules& before);

 private:
  asio::awaitable<Result<void>> publish(at::Atsign manager);
  asio::awaitable<Result<void>> withdraw(at::Atsign manager);
  asio::awaitable<bool> update_records();

  atclient::Mailbox& mail_;
  const Options& options_;
  std::optional<signing::OwnKey> published_;
  std::set<at::Atsign> former_managers_;  // whose records are to be taken back
  bool has_changed_ = false;              // since the records were begun
  bridge::Event records_due_, heartbeat_due_;
};

}  // namespace noports::daemon
