// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/race.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "noports/net/task_group.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;
using net::Deadline;

namespace {

constexpr Deadline kFar = Deadline::max();

asio::awaitable<Result<std::string>> value_after(std::chrono::milliseconds span,
                                                 std::string value) {
  if (span > 0ms) co_await net::pause(span);
  co_return value;
}
asio::awaitable<Result<std::string>> error_after(std::chrono::milliseconds span) {
  co_await net::pause(span);
  co_return fail(Errc::refused, "no");
}
asio::awaitable<Result<std::string>> throw_after(std::chrono::milliseconds span) {
  co_await net::pause(span);
  throw std::runtime_error("bug");
}
// A leaf that turns its cancellation into an error value.
asio::awaitable<Result<std::string>> aborted_value(bool& seen) {
  asio::steady_timer timer(co_await asio::this_coro::executor, kFar);
  co_await timer.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  seen = true;
  co_return fail(Errc::disconnected, "aborted");
}
asio::awaitable<Result<std::string>> never(bool& unwound) {
  try {
    co_await net::pause(1h);
  } catch (...) {
    unwound = true;
    throw;
  }
  co_return std::string("never");
}
asio::awaitable<Result<void>> nothing() { co_return Result<void>(); }

// What a coroutine that is cancelled from outside ends with.
template <class T>
std::exception_ptr cancelled_end(asio::awaitable<T> op) {
  asio::io_context loop;
  asio::cancellation_signal signal;
  std::optional<std::exception_ptr> end;
  std::optional<T> value;
  asio::co_spawn(
      loop, test::detail::keep_value(std::move(op), value),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { end = e; }));
  loop.poll();
  signal.emit(asio::cancellation_type::terminal);
  REQUIRE(test::eventually(loop, [&] { return end.has_value(); }));
  return *end;
}

}  // namespace

TEST_CASE("an operation that ends before its deadline gives its value", "[net][race]") {
  asio::io_context loop;
  const auto got = test::run(loop, net::before(net::in(10s), value_after(1ms, "done")));
  REQUIRE(got);
  CHECK(*got == "done");
  CHECK(test::run(loop, net::before(net::in(10s), nothing())));
}

TEST_CASE("an error of an operation is passed on at once", "[net][race]") {
  asio::io_context loop;
  const auto got = test::run(loop, net::before(kFar, error_after(1ms)));
  CHECK(got.error().code() == Errc::refused);
}

TEST_CASE("an operation that is late is cancelled and timed out", "[net][race]") {
  asio::io_context loop;
  bool unwound = false;
  const auto got = test::run(loop, net::before(net::in(1ms), never(unwound)));
  CHECK(unwound);
  CHECK(got.error().code() == Errc::timed_out);
  CHECK(got.error().what() == "deadline passed");
}

TEST_CASE("a cancelled operation that answers with an error is timed out all the same",
          "[net][race]") {
  asio::io_context loop;
  bool seen = false;
  const auto got = test::run(loop, net::before(net::in(1ms), aborted_value(seen)));
  CHECK(seen);
  CHECK(got.error().code() == Errc::timed_out);
}

TEST_CASE("a value that is there at once counts even if the deadline has passed", "[net][race]") {
  asio::io_context loop;
  const auto past = std::chrono::steady_clock::now() - 1h;
  const auto got = test::run(loop, net::before(past, value_after(0ms, "early")));
  REQUIRE(got);
  CHECK(*got == "early");
}

TEST_CASE("what an operation throws comes out of before at once", "[net][race]") {
  asio::io_context loop;
  CHECK_THROWS_AS(test::run(loop, net::before(kFar, throw_after(1ms))), std::runtime_error);
}

TEST_CASE("cancellation from outside is an exception and never a timeout", "[net][race]") {
  bool first = false, second = false;
  CHECK(net::is_cancellation(cancelled_end(net::before(kFar, never(first)))));
  CHECK(first);
  CHECK(net::is_cancellation(cancelled_end(net::before(kFar, aborted_value(second)))));
  CHECK(second);
}

TEST_CASE("both gives both values", "[net][race]") {
  asio::io_context loop;
  const auto [a, b] = test::run(loop, net::both(value_after(2ms, "a"), value_after(1ms, "b")));
  CHECK(*a == "a");
  CHECK(*b == "b");
  const auto mixed = test::run(loop, net::both(nothing(), value_after(1ms, "b")));
  CHECK(mixed.first);
  CHECK(*mixed.second == "b");
}

TEST_CASE("an error of one does not stop the other", "[net][race]") {
  asio::io_context loop;
  const auto [a, b] = test::run(loop, net::both(error_after(1ms), value_after(5ms, "b")));
  CHECK(a.error().code() == Errc::refused);
  CHECK(*b == "b");
}

TEST_CASE("when one of both throws, the other is cancelled and the reason comes out",
          "[net][race]") {
  asio::io_context loop;
  bool unwound = false;
  CHECK_THROWS_AS(test::run(loop, net::both(throw_after(1ms), never(unwound))), std::runtime_error);
  CHECK(unwound);
  unwound = false;
  CHECK_THROWS_AS(test::run(loop, net::both(never(unwound), throw_after(1ms))), std::runtime_error);
  CHECK(unwound);
}

TEST_CASE("both is cancelled from outside by exception", "[net][race]") {
  bool a = false, b = false;
  CHECK(net::is_cancellation(cancelled_end(net::both(never(a), aborted_value(b)))));
  CHECK((a && b));
}

TEST_CASE("races nest", "[net][race]") {
  asio::io_context loop;
  bool a = false, b = false;
  const auto inner =
      test::run(loop, net::before(net::in(1ms), net::before(kFar, net::before(kFar, never(a)))));
  CHECK(inner.error().code() == Errc::timed_out);
  CHECK(a);
  const auto [x, y] = test::run(loop, net::both(net::before(net::in(1ms), never(b)),
                                                net::before(kFar, value_after(2ms, "y"))));
  CHECK(x.error().code() == Errc::timed_out);
  CHECK(*y == "y");
}
