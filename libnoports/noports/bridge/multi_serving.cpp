// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/multi_serving.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "noports/bridge/event.hpp"
#include "noports/bridge/multi_client.hpp"
#include "noports/net/task_group.hpp"

namespace noports::bridge {
namespace {

// From the device's control channel to ours: the session's answer travels in between.
constexpr std::chrono::milliseconds kHeadStart{5'000};

// One multi session: three tasks, the first that ends gives the outcome.
class Serving {
 public:
  Serving(Leg leg, net::Poller& poller, ServeOptions options, NextApplication next)
      : options_(std::move(options)),
        next_(std::move(next)),
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
    tasks_.spawn(take_all());
    if (options_.heartbeat.count() > 0 && client_.takes_heartbeats()) tasks_.spawn(beat());
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

  asio::awaitable<void> beat() {
    while (!outcome_) {
      co_await net::pause(options_.heartbeat);
      auto sent = co_await client_.send_heartbeat();
      if (!sent) co_return finish(fail(std::move(sent).error()));
    }
  }

  // One after the other, as the order of streams demands; the rest waits where it comes from.
  asio::awaitable<void> take_all() {
    while (!outcome_) {
      co_await client_.streams().until_room();
      auto application = co_await next_();
      if (!application) co_return finish(fail(std::move(application).error()));
      auto opened = co_await client_.open_stream(*std::move(application));
      if (!opened && client_.has_lost_control()) co_return finish(fail(std::move(opened).error()));
      if (!opened) options_.on_trouble(opened.error());
    }
  }

  ServeOptions options_;
  NextApplication next_;
  MultiClient client_;
  std::optional<Result<Summary>> outcome_;
  Event ended_;
  net::TaskGroup tasks_;
};

}  // namespace

asio::awaitable<Result<Summary>> serve_multi(Leg leg, net::Poller& poller, net::Deadline deadline,
                                             ServeOptions options, NextApplication next) {
  Serving serving(std::move(leg), poller, std::move(options), std::move(next));
  auto ended = co_await net::scoped(serving.tasks(), serving.run(deadline));
  co_return ended;
}

}  // namespace noports::bridge
