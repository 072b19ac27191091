// SPDX-License-Identifier: BSD-3-Clause
// Deadlines, and the only two ways in which operations race: before() and both().
// Operations given to them return values; what they throw all the same (cancellation, a bug) goes
// on to the caller.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "noports/base/result.hpp"

namespace noports::net {

// Absolute; made at the top, passed down, spent by leaves with before().
using Deadline = std::chrono::steady_clock::time_point;
inline Deadline in(std::chrono::steady_clock::duration span) {
  return std::chrono::steady_clock::now() + span;
}

namespace detail {
asio::awaitable<bool> run_before(Deadline deadline, asio::awaitable<void> op);
asio::awaitable<void> run_both(asio::awaitable<void> a, asio::awaitable<void> b);

template <class T>
asio::awaitable<void> keep(asio::awaitable<Result<T>> op, std::optional<Result<T>>& ended) {
  ended.emplace(co_await std::move(op));
}
}  // namespace detail

// Runs op until it ends or the deadline passes; then op is cancelled and the answer is timed_out.
// Returns only after op has ended. A value that arrives together with the deadline is kept.
template <class T>
asio::awaitable<Result<T>> before(Deadline deadline, asio::awaitable<Result<T>> op) {
  std::optional<Result<T>> ended;
  const bool in_time = co_await detail::run_before(deadline, detail::keep(std::move(op), ended));
  // A late error is the trace of our own cancelling in an operation that turned it into a value.
  if (!ended || (!in_time && !*ended)) co_return fail(Errc::timed_out, "deadline passed");
  co_return *std::move(ended);
}

// Runs both to their ends, side by side; an error of one does not stop the other. When one throws,
// the other is cancelled, and the first exception goes on.
template <class A, class B>
asio::awaitable<std::pair<Result<A>, Result<B>>> both(asio::awaitable<Result<A>> a,
                                                      asio::awaitable<Result<B>> b) {
  std::optional<Result<A>> first;
  std::optional<Result<B>> second;
  co_await detail::run_both(detail::keep(std::move(a), first), detail::keep(std::move(b), second));
  co_return std::pair<Result<A>, Result<B>>(*std::move(first), *std::move(second));
}

// Waits; ends early, by exception, only when cancelled.
asio::awaitable<void> pause(std::chrono::steady_clock::duration span);

// Throws operation_aborted when the coroutine that awaits it was cancelled, does nothing otherwise.
// For leaves whose operation ended with operation_aborted: cancelled goes on as an exception, a
// socket that was closed meanwhile becomes an error value.
asio::awaitable<void> checkpoint();

}  // namespace noports::net
