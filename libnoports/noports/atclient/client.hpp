// SPDX-License-Identifier: BSD-3-Clause
// The real Mailbox: one atSign's command and monitor connections, kept up until closed.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/keys/keys.hpp"
#include "noports/net/tls.hpp"

namespace noports::atclient {

// Which world: the atDirectory to ask.
struct Directory {
  std::string host = "root.atsign.org";
  std::uint16_t port = 64;
};

struct Account {
  Directory directory;
  net::TlsContext tls;
  at::Atsign self;
  std::shared_ptr<const keys::Keys> keys;
};

class Client : public Mailbox {
 public:
  // Ends every wait of its users with `disconnected`, closes the connections, joins its tasks.
  // Must be awaited before the client dies.
  virtual asio::awaitable<void> close() = 0;
  // True while the monitor connection is authenticated and answers its heartbeat.
  virtual bool is_connected() const noexcept = 0;
};

// Logs in (both connections side by side) and returns when notifications can be received.
// Errors, each with its hop and hint: directory unreachable; atSign unknown to the directory
// (not_set_up); atServer unreachable; keys rejected. A connection lost later is rebuilt with
// back-off, and the monitor resumes without losing or repeating a notification.
asio::awaitable<Result<std::unique_ptr<Client>>> connect(Account account, net::Deadline deadline);

}  // namespace noports::atclient
