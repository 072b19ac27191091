// SPDX-License-Identifier: BSD-3-Clause
// The real Mailbox: one atSign's command and monitor connections, kept up until closed.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "noports/atclient/directory.hpp"
#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/keys/keys.hpp"
#include "noports/net/tls.hpp"

namespace noports::atclient {

struct Account {
  Directory directory;
  net::TlsContext tls;
  at::Atsign self;
  std::shared_ptr<const keys::Keys> keys;

  // Notifications that our atServer stored strictly later than this (its clock, ms since 1970) are
  // received too, as far as it still has them: what Client::seen_until() said before a restart.
  // Absent: those that arrive from now on, a few seconds more or less as the clocks differ.
  std::optional<std::int64_t> resume_from = std::nullopt;
  // Command connections opened besides the first one and kept while they are used. Each shortens
  // the first letters to new peers by up to two round trips; of no use to who has long had its
  // keys.
  std::size_t helpers = 0;
  // A file that remembers addresses from run to run (atclient/address_book), for a start without a
  // question to the atDirectory. Its folder must exist.
  std::optional<std::filesystem::path> address_book = std::nullopt;
};

class Client : public Mailbox {
 public:
  // Ends every wait of its users with `disconnected`, closes the connections, joins its tasks.
  // Must be awaited before the client dies.
  virtual asio::awaitable<void> close() = 0;
  // True while the monitor connection is authenticated and answers its heartbeat.
  virtual bool is_connected() const noexcept = 0;
  // The newest time of our atServer's clock heard so far, in ms since 1970, 0 for none: for
  // Account::resume_from of the next start. Notes that still wait in an inbox count as heard, so
  // ask when yours are empty, or keep the time of the last note that you have dealt with.
  virtual std::int64_t seen_until() const noexcept = 0;
};

// Logs in (both connections side by side) and returns when notifications can be received: those
// that arrive before the first subscribe() wait for it. Subscribe without awaiting in between.
// Errors, each with its hop and hint: directory unreachable; atSign unknown to the directory
// (not_set_up); atServer unreachable; keys rejected. A connection lost later is rebuilt with
// back-off, and the monitor resumes without losing or repeating a notification. When our enrolment
// is withdrawn the client closes itself, and inboxes end with `revoked`.
asio::awaitable<Result<std::unique_ptr<Client>>> connect(Account account, net::Deadline deadline);

}  // namespace noports::atclient
