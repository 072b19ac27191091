// SPDX-License-Identifier: BSD-3-Clause
// What takes a stream of one session from end to end. Today: one relay socket for each stream.
// Carriers that share a socket, or resume after a loss, take the same place.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/net/race.hpp"
#include "noports/net/tcp.hpp"

namespace noports::bridge {

// Where a stream goes on: bytes that the far end has, bytes that we have. All 0: a new stream.
struct Position {
  std::uint64_t sent = 0, received = 0;
};

class Carrier {
 public:
  virtual ~Carrier() = default;
  // A stream that the far end's next open_stream() will meet: streams are paired by the order in
  // which they are opened. So one at a time, and what announces a stream to the far end is sent
  // before the next is opened (noports-newer.md 5.4). Errors: hop relay.
  virtual asio::awaitable<Result<Side>> open_stream(Position at, net::Deadline deadline) = 0;
};

// Dials and authenticates one relay socket for each stream; it cannot resume (config).
class RelayCarrier final : public Carrier {
 public:
  explicit RelayCarrier(const Leg& leg) : leg_(leg) {}  // `leg` outlives it
  asio::awaitable<Result<Side>> open_stream(Position at, net::Deadline deadline) override;

 private:
  const Leg& leg_;
};

// A fresh socket that is past the relay's door. Errors: hop relay. `leg` outlives the wait.
asio::awaitable<Result<net::Socket>> dial_relay(const Leg& leg, net::Deadline deadline);

}  // namespace noports::bridge
