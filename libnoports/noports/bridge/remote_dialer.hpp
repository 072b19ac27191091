// SPDX-License-Identifier: BSD-3-Clause
// The device's end of a tunnel: for each stream that comes through the relay, a connection to the
// service.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/net/poller.hpp"

namespace noports::bridge {

struct Target {
  std::string host;
  std::uint16_t port = 0;
};

struct DialOptions {
  std::chrono::milliseconds idle{30'000};  // multi mode: without a connection for this long, end
  std::function<bool()> may_open = [] { return true; };  // asked again for each connection
  std::function<void(const Error&)> on_trouble = [](const Error&) {};
};

class RemoteDialer {
 public:
  virtual ~RemoteDialer() = default;
  // Until the session ends, by a value when the client has ended it or it was idle. However it
  // ends, also by cancellation, all its sockets are closed then. Once.
  virtual asio::awaitable<Result<Summary>> serve() = 0;
  // What it has moved, once serve() has ended, however that was.
  const Summary& moved() const noexcept { return moved_; }

  // Multi mode: returns when the control channel to the relay stands and is authenticated. Each
  // `connect` then: relay socket first, authenticated, then the target; a target that refuses
  // closes only that pair (noports-wire.md 10.4, 5.4). Errors: hop relay.
  static asio::awaitable<Result<std::unique_ptr<RemoteDialer>>> open_multi(Leg leg, Target target,
                                                                           net::Poller& poller,
                                                                           net::Deadline deadline,
                                                                           DialOptions options);

  // Single mode: the target is connected first, then the relay (noports-wire.md 10.3). Errors: hop
  // target or relay.
  static asio::awaitable<Result<std::unique_ptr<RemoteDialer>>> open_single(Leg leg, Target target,
                                                                            net::Poller& poller,
                                                                            net::Deadline deadline);

 protected:
  Summary moved_;
};

}  // namespace noports::bridge
