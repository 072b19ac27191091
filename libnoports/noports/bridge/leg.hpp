// SPDX-License-Identifier: BSD-3-Clause
// All that a bridge knows of a session: where its relay is, how to get past it, and which codecs
// the bytes pass. Filled by client and daemon; the bridge knows nothing of requests and grants.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "noports/base/result.hpp"
#include "noports/bridge/protection.hpp"
#include "noports/net/race.hpp"
#include "noports/net/tcp.hpp"

namespace noports::bridge {

// Gets a fresh relay socket past the relay's door: writes the auth line, or answers the relay's
// challenge. Bytes of the tunnel come right after it.
using RelayAuth =
    std::function<asio::awaitable<Result<void>>(net::Socket& socket, net::Deadline deadline)>;

struct Leg {
  std::string relay_host;
  std::uint16_t relay_port = 0;
  RelayAuth authenticate;
  Protection protection;  // of the control channel, or of the one stream in single mode
  // Bytes that may follow an auth line at once: a relay that has not answered may still count them
  // against the limit of that line (noports-newer.md 8). 0 where the relay answers, or is ours.
  std::size_t first_flight = 3000;
  // The device said that it knows heartbeats on the control channel, which is encrypted.
  bool takes_heartbeats = false;
};

}  // namespace noports::bridge
