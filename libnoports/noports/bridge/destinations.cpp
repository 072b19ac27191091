// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/destinations.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <deque>
#include <optional>

#include "noports/bridge/event.hpp"
#include "noports/bridge/multi_serving.hpp"
#include "noports/bridge/streams.hpp"
#include "noports/log/escape.hpp"

namespace noports::bridge {
namespace {

constexpr std::chrono::seconds kControlPatience{10};  // as for a session of one destination

}  // namespace

struct Destinations::Session {
  Session(asio::any_io_executor executor, Target target_)
      : target(std::move(target_)), arrived(executor), settled(executor) {
    settled.expires_at(net::Deadline::max());
  }

  // The next connection, in the order in which they came.
  asio::awaitable<Result<Side>> next() {
    while (waiting.empty()) co_await arrived.wait();
    auto first = std::move(waiting.front());
    waiting.pop_front();
    co_return first;
  }

  // Whoever waits in reach() learns how the attempt ended; the first outcome counts.
  void settle(Result<void> how) {
    if (!outcome) outcome.emplace(std::move(how));
    settled.cancel();
  }

  Target target;
  std::deque<Side> waiting;
  Event arrived;
  asio::steady_timer settled;           // never expires; cancelled to wake all who wait
  std::optional<Result<void>> outcome;  // of setting it up
};

Destinations::Destinations(net::Poller& poller, OpenLeg open, Options options)
    : poller_(poller),
      open_(std::move(open)),
      options_(std::move(options)),
      tasks_(poller.executor(), log::escapes("bridge")) {}

Destinations::~Destinations() = default;

std::shared_ptr<Destinations::Session> Destinations::session_to(const Target& target) {
  const Name name(target.host, target.port);
  if (const auto known = sessions_.find(name); known != sessions_.end()) return known->second;
  if (sessions_.size() >= options_.most) return nullptr;
  auto made = std::make_shared<Session>(poller_.executor(), target);
  sessions_.emplace(name, made);
  tasks_.spawn(run(made));
  return made;
}

asio::awaitable<Result<void>> Destinations::reach(Target target) {
  const auto session = session_to(target);
  if (!session) {
    auto error = Error(Errc::busy, "sessions to " + std::to_string(options_.most) +
                                       " destinations are open already, which is the limit")
                     .hint("try again when some of them are not used any more");
    options_.on_trouble(target, error);
    co_return fail(std::move(error));
  }
  while (!session->outcome) {
    co_await session->settled.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    co_await net::checkpoint();
  }
  co_return *session->outcome;
}

void Destinations::carry(const Target& target, Side application) {
  const auto session = session_to(target);
  if (!session || session->waiting.size() >= Streams::kMost) {
    // Returning closes the connection.
    return options_.on_trouble(target, Error(Errc::busy, "too many connections wait for it"));
  }
  session->waiting.push_back(std::move(application));
  session->arrived.notify();
}

asio::awaitable<void> Destinations::run(std::shared_ptr<Session> session) {
  Result<void> ended;
  // A connection may come in the instant in which an idle session ends: it gets a new one.
  do {
    ended = co_await serve(session);
  } while (ended && !session->waiting.empty());
  if (!ended) options_.on_trouble(session->target, ended.error());
  sessions_.erase(Name(session->target.host, session->target.port));
  session->waiting.clear();
  session->settle(std::move(ended));
}

asio::awaitable<Result<void>> Destinations::serve(std::shared_ptr<Session> session) {
  auto leg = co_await open_(session->target);
  if (!leg) co_return fail(std::move(leg).error());
  ServeOptions serving;
  serving.idle = options_.idle;
  serving.heartbeat = options_.heartbeat;
  serving.on_ready = [session] { session->settle(Result<void>()); };
  serving.on_trouble = [this, session](const Error& error) {
    options_.on_trouble(session->target, error);
  };
  NextApplication next = [session] { return session->next(); };
  auto ended = co_await serve_multi(*std::move(leg), poller_, net::in(kControlPatience),
                                    std::move(serving), std::move(next));
  if (!ended) co_return fail(std::move(ended).error());
  co_return Result<void>();
}

asio::awaitable<void> Destinations::close() {
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace noports::bridge
