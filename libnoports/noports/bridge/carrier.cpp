// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/carrier.hpp"

namespace noports::bridge {

asio::awaitable<Result<net::Socket>> dial_relay(const Leg& leg, net::Deadline deadline) {
  auto socket = co_await net::dial(leg.relay_host, leg.relay_port, deadline);
  if (!socket)
    co_return fail(std::move(socket).error().during("reaching the relay").at(Hop::relay));
  auto past = co_await leg.authenticate(*socket, deadline);
  if (!past) {
    co_return fail(std::move(past).error().during("authenticating to the relay").at(Hop::relay));
  }
  co_return socket;
}

asio::awaitable<Result<Side>> RelayCarrier::open_stream(Position at, net::Deadline deadline) {
  if (at.sent != 0 || at.received != 0) {
    co_return fail(Errc::config, Hop::relay, "this relay connection cannot be resumed");
  }
  auto socket = co_await dial_relay(leg_, deadline);
  if (!socket) co_return fail(std::move(socket).error());
  Side side(*std::move(socket));
  side.first_flight = leg_.first_flight;
  co_return side;
}

}  // namespace noports::bridge
