// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/local_listener.hpp"

#include <utility>

#include "noports/bridge/carrier.hpp"
#include "noports/bridge/carry.hpp"
#include "noports/bridge/multi_serving.hpp"

namespace noports::bridge {
namespace {

constexpr std::chrono::seconds kOpenTime{10};  // for one relay socket (noports-wire.md 10.4)

asio::awaitable<Result<Side>> next_application(net::Acceptor& acceptor) {
  auto application = co_await net::accept(acceptor);
  if (!application) co_return fail(std::move(application).error());
  co_return Side(*std::move(application));
}

}  // namespace

Result<LocalListener> LocalListener::open(asio::any_io_executor executor,
                                          const std::string& address, std::uint16_t port) {
  auto acceptor = net::listen(std::move(executor), address, port);
  if (!acceptor) return fail(std::move(acceptor).error());
  std::error_code code;
  const auto bound = acceptor->local_endpoint(code);
  if (code) return fail(net::to_error(code, "listening on " + address));
  return LocalListener(*std::move(acceptor), bound.port());
}

asio::awaitable<Result<Summary>> LocalListener::serve(Leg leg, net::Poller& poller,
                                                      net::Deadline deadline,
                                                      ServeOptions options) {
  NextApplication next = [this] { return next_application(acceptor_); };
  co_return co_await serve_multi(std::move(leg), poller, deadline, std::move(options),
                                 std::move(next));
}

asio::awaitable<Result<Summary>> LocalListener::serve_one(Leg leg, net::Poller& poller,
                                                          net::Deadline deadline) {
  auto codecs = make_codecs(leg.protection, End::client);
  if (!codecs) co_return fail(std::move(codecs).error());
  auto application = co_await net::before(deadline, net::accept(acceptor_));
  std::error_code ignored;
  acceptor_.close(ignored);
  if (!application) {
    co_return fail(std::move(application).error().during("waiting for the local connection"));
  }
  RelayCarrier carrier(leg);
  const Position start;
  auto relay = co_await carrier.open_stream(start, net::in(kOpenTime));
  if (!relay) co_return fail(std::move(relay).error());
  co_return co_await carry(poller, End::client, Side(*std::move(application)), *std::move(relay),
                           *std::move(codecs));
}

}  // namespace noports::bridge
