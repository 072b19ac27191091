// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/commands.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "noports/log/log.hpp"

namespace noports::atclient {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kHelperIdle = 20s;  // longer than a session's set-up, far less than a server's limit

bool asks_elsewhere(const at::Verb& verb) {
  return std::holds_alternative<at::Lookup>(verb) ||
         std::holds_alternative<at::PublicLookup>(verb) || std::holds_alternative<at::Scan>(verb);
}

}  // namespace

struct Commands::Request {
  Request(const asio::any_io_executor& executor, at::Verb verb_, net::Deadline deadline_)
      : verb(std::move(verb_)), deadline(deadline_), bell(executor) {}

  void finish(Result<std::string> result) {
    answer.emplace(std::move(result));
    bell.ring();
  }
  bool is_over() const { return answer.has_value() || abandoned; }

  at::Verb verb;
  net::Deadline deadline;
  std::optional<Result<std::string>> answer;
  std::optional<Error> trouble;  // what kept it from being answered so far
  bool repeated = false;
  bool abandoned = false;  // nobody waits for it any more
  Bell bell;
};

struct Commands::Lane {
  Lane(const asio::any_io_executor& executor, std::list<Lane*>& others_)
      : bell(executor), others(others_) {
    others.push_back(this);
  }
  ~Lane() { others.remove(this); }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  bool is_connected() const { return connection && connection->is_open(); }

  std::unique_ptr<Connection> connection;
  Clock::time_point used = Clock::now();
  Bell bell;
  std::list<Lane*>& others;
};

// A request, for as long as somebody waits for its answer.
struct Commands::Asked {
  Asked(std::list<Request*>& all_, Request& request_) : all(all_), request(request_) {
    all.push_back(&request);
  }
  ~Asked() {
    request.abandoned = true;
    all.remove(&request);
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  std::list<Request*>& all;
  Request& request;
};

Commands::Commands(asio::any_io_executor executor, Login& login)
    : Commands(std::move(executor), login, Pace()) {}

Commands::Commands(asio::any_io_executor executor, Login& login, Pace pace)
    : executor_(std::move(executor)), login_(login), pace_(pace) {}

asio::awaitable<Result<void>> Commands::open(net::Deadline deadline) {
  auto connection = co_await login_.open(Refusals::json, deadline);
  if (!connection) co_return fail(std::move(connection).error());
  first_ = *std::move(connection);
  co_return Result<void>();
}

asio::awaitable<Result<std::string>> Commands::answered(RequestPtr request) {
  while (!request->answer) co_await request->bell.wait();
  co_return *std::move(request->answer);
}

asio::awaitable<Result<std::string>> Commands::ask(at::Verb verb, net::Deadline deadline) {
  if (closed_) co_return fail(Errc::disconnected, "the mailbox is closed");
  const auto request = std::make_shared<Request>(executor_, std::move(verb), deadline);
  const Asked asked(asked_, *request);
  waiting_.push_back(request);
  for (auto* lane : lanes_) lane->bell.ring();

  auto answer = co_await net::before(deadline, answered(request));
  if (answer || request->answer) co_return answer;
  if (request->trouble) co_return fail(*request->trouble);
  co_return fail(Error(Errc::timed_out, Hop::atserver, "the atServer does not answer")
                     .hint("try again later"));
}

Commands::RequestPtr Commands::take() {
  while (!waiting_.empty()) {
    auto request = std::move(waiting_.front());
    waiting_.pop_front();
    if (!request->is_over()) return request;
  }
  return nullptr;
}

Commands::RequestPtr Commands::heartbeat(const Lane& lane) const {
  if (!lane.is_connected() || lane.used + pace_.idle > Clock::now()) return nullptr;
  return std::make_shared<Request>(executor_, at::Noop(), net::in(pace_.answer));
}

asio::awaitable<Result<std::string>> Commands::put(Connection& connection, RequestPtr request) {
  // An answer that nobody waits for is still waited for: it would be taken for the next one's.
  const auto limit = asks_elsewhere(request->verb) ? pace_.remote : pace_.answer;
  auto answer = co_await connection.ask(request->verb, net::in(limit));
  if (connection.is_open()) co_return answer;
  log::info("atclient", "the command connection is lost",
            {{"atsign", login_.self().str()}, {"error", answer.error().what()}});
  request->trouble = answer.error();
  co_return answer;
}

// False when the request has been answered instead.
asio::awaitable<bool> Commands::reconnect(Lane& lane, RequestPtr request) {
  lane.connection.reset();
  auto opened =
      co_await login_.open(Refusals::json, std::min(request->deadline, net::in(pace_.login)));
  if (opened) {
    lane.connection = *std::move(opened);
    log::info("atclient", "the command connection is up", {{"atsign", login_.self().str()}});
    co_return true;
  }
  request->trouble = opened.error();
  for (const auto& waiting : waiting_) waiting->trouble = opened.error();
  if (is_final(opened.error())) {
    request->finish(fail(std::move(opened).error()));
    co_return false;
  }
  const auto pause = backoff_.next();
  log::debug("atclient", "the command connection cannot be opened",
             {{"error", opened.error().what()}, {"retry_ms", pause.count()}});
  if (net::in(pause) >= request->deadline) {
    request->finish(fail(std::move(opened).error()));
    co_return false;
  }
  co_await net::pause(pause);
  co_return true;
}

asio::awaitable<void> Commands::carry_out(Lane& lane, RequestPtr request) {
  while (!request->is_over()) {
    if (!lane.is_connected()) {
      if (!co_await reconnect(lane, request)) co_return;
      continue;
    }
    auto answer = co_await put(*lane.connection, request);
    lane.used = Clock::now();
    if (lane.is_connected()) {
      backoff_.reset();
      request->finish(std::move(answer));
    } else if (std::exchange(request->repeated, true)) {
      request->finish(std::move(answer));
    }
  }
}

asio::awaitable<void> Commands::serve() {
  Lane lane(executor_, lanes_);
  lane.connection = std::move(first_);
  for (;;) {
    auto request = take();
    if (!request) request = heartbeat(lane);
    if (request) {
      co_await carry_out(lane, std::move(request));
    } else {
      auto due = lane.used + pace_.idle;
      if (!lane.is_connected()) due = Clock::time_point::max();
      co_await lane.bell.wait_until(due);
    }
  }
}

asio::awaitable<void> Commands::assist() {
  auto opened = co_await login_.open(Refusals::json, net::in(pace_.login));
  if (!opened) co_return;  // the main connection does it all, and reports
  Lane lane(executor_, lanes_);
  lane.connection = *std::move(opened);
  while (lane.is_connected() && lane.used + kHelperIdle > Clock::now()) {
    const auto request = take();
    if (!request) {
      co_await lane.bell.wait_until(lane.used + kHelperIdle);
      continue;
    }
    auto answer = co_await put(*lane.connection, request);
    lane.used = Clock::now();
    if (lane.is_connected() || std::exchange(request->repeated, true)) {
      request->finish(std::move(answer));
    } else {
      waiting_.push_front(request);
      for (auto* other : lanes_) other->bell.ring();
    }
  }
}

void Commands::close() {
  closed_ = true;
  waiting_.clear();
  for (auto* request : asked_) {
    if (!request->answer) request->finish(fail(Errc::disconnected, "the mailbox is closed"));
  }
}

}  // namespace noports::atclient
