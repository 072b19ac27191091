// SPDX-License-Identifier: BSD-3-Clause
#include "srv/connector.hpp"

#include <asio/this_coro.hpp>
#include <memory>
#include <utility>

#include "noports/bridge/local_listener.hpp"
#include "noports/bridge/remote_dialer.hpp"
#include "noports/log/log.hpp"
#include "noports/net/poller.hpp"

namespace noports::apps::srv {
namespace {

constexpr std::chrono::seconds kConnectTime{10};  // the reference's limit (noports-wire.md 15)

void tell(const Error& error) { log::warn("srv", error.what()); }

asio::awaitable<Result<bridge::Summary>> client_end(const Options& options, bridge::Leg leg,
                                                    net::Poller& poller,
                                                    std::function<void()> on_ready) {
  auto listener =
      bridge::LocalListener::open(poller.executor(), options.local_host, options.local_port);
  if (!listener) co_return fail(std::move(listener).error());
  log::info("srv", "listening", {{"port", static_cast<std::int64_t>(listener->port())}});
  if (!options.is_multi) {
    on_ready();
    co_return co_await listener->serve_one(std::move(leg), poller, net::in(options.timeout));
  }
  bridge::ServeOptions serving;
  serving.idle = options.timeout;
  serving.on_ready = std::move(on_ready);
  serving.on_trouble = tell;
  co_return co_await listener->serve(std::move(leg), poller, net::in(kConnectTime),
                                     std::move(serving));
}

asio::awaitable<Result<bridge::Summary>> device_end(const Options& options, bridge::Leg leg,
                                                    net::Poller& poller,
                                                    std::function<void()> on_ready) {
  bridge::Target target{options.local_host, options.local_port};
  const auto deadline = net::in(kConnectTime);
  Result<std::unique_ptr<bridge::RemoteDialer>> dialer(nullptr);
  if (options.is_multi) {
    bridge::DialOptions dialing;
    dialing.idle = options.timeout;
    dialing.on_trouble = tell;
    dialer = co_await bridge::RemoteDialer::open_multi(std::move(leg), std::move(target), poller,
                                                       deadline, std::move(dialing));
  } else {
    dialer = co_await bridge::RemoteDialer::open_single(std::move(leg), std::move(target), poller,
                                                        deadline);
  }
  if (!dialer) co_return fail(std::move(dialer).error());
  on_ready();
  co_return co_await (*dialer)->serve();
}

}  // namespace

asio::awaitable<Result<int>> connect_ends(const Options& options, bridge::Leg leg,
                                          std::function<void()> on_ready) {
  net::Poller poller(co_await asio::this_coro::executor);
  auto work = options.end() == bridge::End::client ? client_end : device_end;
  auto ended = co_await work(options, std::move(leg), poller, std::move(on_ready));
  if (!ended) co_return fail(std::move(ended).error());
  co_return 0;
}

}  // namespace noports::apps::srv
