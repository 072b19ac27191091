// SPDX-License-Identifier: BSD-3-Clause
// The client's end of a multi session without its listener: control channel, and streams opened
// one after the other.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <memory>

#include "noports/base/result.hpp"
#include "noports/bridge/carrier.hpp"
#include "noports/bridge/control_channel.hpp"
#include "noports/bridge/event.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/bridge/streams.hpp"

namespace noports::bridge {

class MultiClient {
 public:
  MultiClient(Leg leg, net::Poller& poller, Streams::Carries carries,
              std::function<void(const Error&)> on_trouble);

  // Before anything else. Errors: hop relay.
  asio::awaitable<Result<void>> connect(net::Deadline deadline);
  // Relay socket, authenticated; then `connect` with fresh keys; then bytes. One at a time: the
  // relay pairs both ends' sockets by their order alone (noports-newer.md 5.4). An error ends this
  // connection only, unless has_lost_control().
  asio::awaitable<Result<void>> open_stream(Side application);
  // Number 1, 2, 3 ...; an error as that of open_stream().
  asio::awaitable<Result<void>> send_heartbeat();
  bool takes_heartbeats() const noexcept { return leg_.takes_heartbeats; }
  // Returns with the reason when the control channel ends.
  asio::awaitable<Result<void>> until_closed() { return control_->until_closed(); }

  bool has_lost_control() const noexcept { return has_lost_control_; }
  Streams& streams() noexcept { return streams_; }

 private:
  asio::awaitable<Result<void>> say(crypto::Secret line);

  Leg leg_;
  RelayCarrier carrier_;
  std::unique_ptr<ControlChannel> control_;
  Streams streams_;
  bool has_lost_control_ = false;
  std::uint64_t heartbeats_ = 0;
  // Streams and heartbeats share the channel; it has one sender at a time.
  bool is_saying_ = false;
  Event said_;
};

}  // namespace noports::bridge
