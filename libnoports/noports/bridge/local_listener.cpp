// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/local_listener.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "noports/bridge/carry.hpp"
#include "noports/bridge/multi_client.hpp"
#include "noports/net/task_group.hpp"

namespace noports::bridge {
namespace {

// From the device's control channel to ours: the session's answer travels in between.
constexpr std::chrono::milliseconds kHeadStart{5'000};

constexpr std::chrono::seconds kOpenTime{10};  // for one relay socket (noports-wire.md 10.4)

// One multi session: three tasks, the first that ends gives the outcome.
class Serving {
 public:
  Serving(Leg leg, net::Acceptor& acceptor, net::Poller& poller, ServeOptions options)
      : options_(std::move(options)),
        acceptor_(acceptor),
        client_(std::move(leg), poller, Streams::Carries::many, options_.on_trouble),
        ended_(poller.executor()),
        tasks_(poller.executor(), [this](std::exception_ptr) {
          finish(fail(Errc::io, "a defect of this program ended the session"));
        }) {}

  net::TaskGroup& tasks() noexcept { return tasks_; }

  asio::awaitable<Result<Summary>> run(net::Deadline deadline) {
    auto connected = co_await client_.connect(deadline);
    if (!connected) co_return fail(std::move(connected).error());
    tasks_.spawn(watch_control());
    tasks_.spawn(watch_idleness());
    tasks_.spawn(accept_all());
    options_.on_ready();
    while (!outcome_) co_await ended_.wait();
    co_return *std::move(outcome_);
  }

 private:
  void finish(Result<Summary> outcome) {
    if (!outcome_) outcome_.emplace(std::move(outcome));
    ended_.notify();
  }

  asio::awaitable<void> watch_control() {
    auto closed = co_await client_.until_closed();
    // The device counts the same idle time, and began a little earlier than we did.
    const auto nearly =
        options_.idle - std::min<std::chrono::milliseconds>(kHeadStart, options_.idle / 2);
    if (client_.streams().has_been_idle(nearly)) co_return finish(client_.streams().summary());
    if (!closed) finish(fail(std::move(closed).error()));
  }

  asio::awaitable<void> watch_idleness() {
    co_await client_.streams().until_idle(options_.idle);
    finish(client_.streams().summary());
  }

  // One after the other, as the order of streams demands; the system's backlog holds the rest.
  asio::awaitable<void> accept_all() {
    while (!outcome_) {
      co_await client_.streams().until_room();
      auto application = co_await net::accept(acceptor_);
      if (!application) co_return finish(fail(std::move(application).error()));
      auto opened = co_await client_.open_stream(Side(*std::move(application)));
      if (!opened && client_.has_lost_control()) co_return finish(fail(std::move(opened).error()));
      if (!opened) options_.on_trouble(opened.error());
    }
  }

  ServeOptions options_;
  net::Acceptor& acceptor_;
  MultiClient client_;
  std::optional<Result<Summary>> outcome_;
  Event ended_;
  net::TaskGroup tasks_;
};

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
  Serving serving(std::move(leg), acceptor_, poller, std::move(options));
  auto ended = co_await net::scoped(serving.tasks(), serving.run(deadline));
  co_return ended;
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
