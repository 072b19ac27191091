// SPDX-License-Identifier: BSD-3-Clause
// The client's end of a tunnel: a local port whose connections travel through the relay.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/net/poller.hpp"
#include "noports/net/tcp.hpp"

namespace noports::bridge {

struct Summary {
  std::uint64_t connections = 0;
  std::uint64_t bytes_up = 0, bytes_down = 0;  // up: client to device
};

struct ServeOptions {
  // Ends the session when no connection has been open for this long.
  std::chrono::milliseconds idle{30'000};
  // How often the control channel says that the session is wanted, so that what lies between does
  // not forget an idle connection; 0: never (noports-newer.md 5.3).
  std::chrono::milliseconds heartbeat{std::chrono::minutes{5}};
  std::function<void()> on_ready = [] {};                              // the control channel stands
  std::function<void(const Error&)> on_trouble = [](const Error&) {};  // one connection failed
};

class LocalListener {
 public:
  // Binds and listens at once, so that a busy port fails before any other machine is disturbed.
  static Result<LocalListener> open(asio::any_io_executor executor, const std::string& address,
                                    std::uint16_t port);
  std::uint16_t port() const noexcept { return port_; }

  // One connection, for a caller who knows himself what to do with it. Errors as net::accept().
  asio::awaitable<Result<net::Socket>> accept() { return net::accept(acceptor_); }

  // Multi mode (npt): control channel first, then each accepted connection gets a relay socket and
  // fresh keys of its own (noports-newer.md 5.3, 5.4). Ends with the control channel (error), when
  // idle (value), or by cancellation; connections that live are ended with it. A connection that
  // fails is reported and ends alone.
  asio::awaitable<Result<Summary>> serve(Leg leg, net::Poller& poller, net::Deadline deadline,
                                         ServeOptions options);

  // Single mode (sshnp): one connection, accepted before `deadline`, then no more listening.
  asio::awaitable<Result<Summary>> serve_one(Leg leg, net::Poller& poller, net::Deadline deadline);

 private:
  LocalListener(net::Acceptor acceptor, std::uint16_t port)
      : acceptor_(std::move(acceptor)), port_(port) {}
  net::Acceptor acceptor_;
  std::uint16_t port_;
};

// Single mode over two descriptors of ours (--stdio): reads `in`, writes `out`, which may be pipes,
// sockets, terminals or files; both are set non-blocking for the time and restored. `out`, unless
// it is `in` too, leads to /dev/null from then on, because the reader of a pipe sees its end only
// when the last copy is closed. SIGPIPE must be ignored. A tunnel that breaks off at the relay's
// side is an error, here and in serve_one().
asio::awaitable<Result<Summary>> serve_stdio(Leg leg, net::Poller& poller, int in, int out,
                                             net::Deadline deadline);
// Multi mode over two descriptors (npt --stdio): one stream of an npt session.
asio::awaitable<Result<Summary>> serve_stdio_multi(Leg leg, net::Poller& poller, int in, int out,
                                                   net::Deadline deadline);

}  // namespace noports::bridge
