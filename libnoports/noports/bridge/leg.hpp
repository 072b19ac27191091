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
#include "noports/crypto/secret.hpp"
#include "noports/net/race.hpp"
#include "noports/net/tcp.hpp"

namespace noports::bridge {

// Gets a fresh relay socket past the relay's door: writes the auth line, or answers the relay's
// challenge. Bytes of the tunnel come right after it.
using RelayAuth =
    std::function<asio::awaitable<Result<void>>(net::Socket& socket, net::Deadline deadline)>;

// One direction's key and IV (32 and 16 bytes).
struct CtrKey {
  crypto::Secret key, iv;
  CtrKey copy() const { return CtrKey{key.copy(), iv.copy()}; }
};

// How the bytes between the two ends are protected.
struct Protection {
  enum class Kind {
    none,      // --no-encrypt-rvd-traffic: the application must protect itself
    ctr,       // one key for both directions, for old peers
    ctr_twin,  // a key for each direction
  };
  Kind kind = Kind::none;
  CtrKey client_to_device, device_to_client;  // the second is empty for ctr
  Protection copy() const {
    return Protection{kind, client_to_device.copy(), device_to_client.copy()};
  }
};

// Which end of the tunnel we are: decides which of the two keys seals and which one opens.
enum class End { client, device };

struct Leg {
  std::string relay_host;
  std::uint16_t relay_port = 0;
  RelayAuth authenticate;
  Protection protection;  // of the control channel, or of the one stream in single mode
  // Bytes that may follow an auth line at once: a relay that has not answered may still count them
  // against the limit of that line (noports-newer.md 8). 0 where the relay answers, or is ours.
  std::size_t first_flight = 3000;
};

}  // namespace noports::bridge
