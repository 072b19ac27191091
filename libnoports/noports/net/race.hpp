// SPDX-License-Identifier: BSD-3-Clause
// Deadlines, and the only two ways in which operations race: before() and both().
// Operations given to them return values and do not throw (house rule; see race.cpp).
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
template <class T>
asio::awaitable<Result<T>> before(Deadline deadline, asio::awaitable<Result<T>> op) {
  std::optional<Result<T>> ended;
  const bool in_time = co_await detail::run_before(deadline, detail::keep(std::move(op), ended));
  if (!in_time || !ended) co_return fail(Errc::timed_out, "deadline passed");
  co_return *std::move(ended);
}

// Runs both to their ends, side by side; the first error in time does not stop the other.
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

}  // namespace noports::net
