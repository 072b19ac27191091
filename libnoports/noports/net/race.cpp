// SPDX-License-Identifier: BSD-3-Clause
// The only file that uses asio's awaitable operators. Two properties of theirs shape it: `a || b`
// goes on waiting for b when a throws, and `a && b` hides both reasons when both throw.
#include "noports/net/race.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>

namespace noports::net {
namespace {

using namespace asio::experimental::awaitable_operators;

// Ends without exception whatever op does, so that a race sees the end of op at once.
asio::awaitable<void> catching(asio::awaitable<void> op, std::exception_ptr& escaped) {
  try {
    co_await std::move(op);
  } catch (...) {
    escaped = std::current_exception();
  }
}

// Notes the first exception of a pair and lets it go on, so that the other one is cancelled.
asio::awaitable<void> noting(asio::awaitable<void> op, std::exception_ptr& first) {
  try {
    co_await std::move(op);
  } catch (...) {
    if (!first) first = std::current_exception();
    throw;
  }
}

// Ends without exception, so that a cancelled timer does not make a race wait or throw.
asio::awaitable<void> passing(Deadline deadline) {
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  co_await timer.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
}

}  // namespace

asio::awaitable<void> checkpoint() { co_return; }  // asio checks before it starts a coroutine

asio::awaitable<void> pause(std::chrono::steady_clock::duration span) {
  asio::steady_timer timer(co_await asio::this_coro::executor, span);
  co_await timer.async_wait(asio::use_awaitable);
}

namespace detail {

asio::awaitable<bool> run_before(Deadline deadline, asio::awaitable<void> op) {
  std::exception_ptr escaped;
  const auto first = co_await (catching(std::move(op), escaped) || passing(deadline));
  const bool in_time = first.index() == 0;
  co_await checkpoint();  // cancelled from outside: that, and not a deadline, is what happened
  // After the deadline an exception of op is its answer to our cancelling.
  if (in_time && escaped) std::rethrow_exception(escaped);
  co_return in_time;
}

asio::awaitable<void> run_both(asio::awaitable<void> a, asio::awaitable<void> b) {
  std::exception_ptr first;
  try {
    co_await (noting(std::move(a), first) && noting(std::move(b), first));
  } catch (...) {
    if (!first) throw;
  }
  if (first) std::rethrow_exception(first);
  co_await checkpoint();
}

}  // namespace detail
}  // namespace noports::net
