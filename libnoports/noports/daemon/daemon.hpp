// SPDX-License-Identifier: BSD-3-Clause
// The device's service: listens for its managers' letters and serves what they ask for.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/daemon/authorize.hpp"
#include "noports/daemon/seen_sessions.hpp"
#include "noports/daemon/session.hpp"
#include "noports/net/poller.hpp"
#include "noports/net/task_group.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/ping.hpp"
#include "noports/signing/own_key.hpp"

namespace noports::daemon {

struct Options {
  proto::DeviceName device;
  std::string device_group = "__none__";
  Rules rules = {};
  std::uint16_t ssh_port = 22;
  bool hide = false;      // publishes nothing; pings are still answered
  std::string user = {};  // who runs the daemon: the user name that clients take
  std::filesystem::path authorized_keys = {};
  std::string key_permissions = {};  // in front of shared ssh keys
  // The key of our enrolment, for ESCR; published at the start, before it is spoken of.
  std::optional<signing::OwnKey> enrolment = {};
  // Told of each letter that was taken up, with its time by the atServer's clock.
  std::function<void(std::int64_t epoch_millis)> on_taken = [](std::int64_t) {};
};

class Daemon {
 public:
  // `mail`, `poller` and `signer` outlive it.
  Daemon(asio::any_io_executor executor, atclient::Mailbox& mail, net::Poller& poller,
         atclient::Signer& signer, Options options);

  // Until the mailbox closes (error) or cancellation, which ends the sessions.
  asio::awaitable<Result<void>> run();

 private:
  asio::awaitable<Result<void>> take_letters();
  bool wants(const at::Atsign& from, std::string_view key);
  void dispatch(atclient::Note note);
  asio::awaitable<void> answer_ping(at::Atsign to);
  asio::awaitable<void> share_ssh_key(atclient::Note note);
  proto::PingAnswer about_us() const;
  asio::awaitable<void> publish_key();
  asio::awaitable<void> keep_records();
  asio::awaitable<Result<void>> publish(at::Atsign manager);
  asio::awaitable<Result<void>> withdraw(at::Atsign manager);

  atclient::Mailbox& mail_;
  Options options_;
  SeenSessions seen_;
  std::size_t live_ = 0;
  std::optional<signing::OwnKey> published_;
  Host host_;
  net::TaskGroup tasks_;
  // When each stranger was last logged, so that nobody fills the log (S19).
  std::map<at::Atsign, std::chrono::steady_clock::time_point> strangers_;
};

}  // namespace noports::daemon
