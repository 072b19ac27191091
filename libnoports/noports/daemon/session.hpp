// SPDX-License-Identifier: BSD-3-Clause
// One request for a tunnel, from its letter to the end of the session (noports-wire.md 11.4,
// noports-newer.md 4.4).
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "noports/atclient/mailbox.hpp"
#include "noports/atclient/signer.hpp"
#include "noports/base/result.hpp"
#include "noports/bridge/remote_dialer.hpp"
#include "noports/daemon/authorize.hpp"
#include "noports/daemon/live_sessions.hpp"
#include "noports/daemon/seen_file.hpp"
#include "noports/net/poller.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/envelope.hpp"
#include "noports/proto/session.hpp"
#include "noports/signing/own_key.hpp"

namespace noports::daemon {

// What sessions need of the daemon; everything outlives them.
struct Host {
  atclient::Mailbox& mail;
  net::Poller& poller;
  atclient::Signer& signer;
  const Rules& rules;
  const proto::DeviceName& device;
  std::uint16_t ssh_port;  // where ssh_request leads, on localhost
  SeenFile& seen;
  LiveSessions& sessions;
  std::size_t& live;                               // sessions that are being prepared or served
  const std::optional<signing::OwnKey>& escr_key;  // published; none: payload mode alone
};

// Checks the request, connects to the relay, tells the client, then carries bytes until the session
// ends, or until the register of sessions ends it. Whatever is wrong is logged, and told to the
// (authorised) sender where there is a session to tell it for. Cancelled: ends its connections.
asio::awaitable<void> serve_session(const Host& host, atclient::Note note, proto::RequestKind kind,
                                    Standing standing);

// Tells the sender `reason` when the request is one; does nothing else.
asio::awaitable<void> refuse_session(const Host& host, atclient::Note note, proto::RequestKind kind,
                                     std::string reason);

}  // namespace noports::daemon
