// SPDX-License-Identifier: BSD-3-Clause
// What every program does around its own work: one loop, stop signals, core dumps off, and the
// error as one sentence with its exit status.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/this_coro.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <string>

#include "noports/base/result.hpp"
#include "noports/net/race.hpp"

namespace noports::apps {

// Process-wide hygiene, first thing in main: no core dumps (prctl and RLIMIT_CORE), umask 077,
// SIGPIPE ignored, descriptors 0 to 2 open.
void harden_process();

// Runs `work` on a loop of its own until it ends or SIGINT/SIGTERM arrives; then `work` is
// cancelled and given 5 s to end. Returns the exit status: the value of work, exit_code() of its
// error (which is reported), or 130/143.
int run(const std::string& program, std::function<asio::awaitable<Result<int>>()> work);

namespace detail {
asio::awaitable<std::exception_ptr> caught(asio::awaitable<void> op);
}  // namespace detail

// Runs `op`, then `close` whatever became of `op`, also when it was cancelled by a signal; then
// ends as `op` did. For what must be awaited before it dies: a Client, a TaskGroup.
template <class T>
asio::awaitable<Result<T>> finally(asio::awaitable<Result<T>> op,
                                   std::function<asio::awaitable<void>()> close) {
  std::optional<Result<T>> ended;
  const auto escaped = co_await detail::caught(net::detail::keep(std::move(op), ended));
  // From here on waiting is possible again, although the work was told to stop.
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  co_await close();
  if (escaped) std::rethrow_exception(escaped);
  co_return *std::move(ended);
}

// One sentence on stderr: "npt: asking @relay ...: deadline passed; try ..."; or one JSON object
// {"code","hop","error","hint"} after set_json_errors(true). Returns exit_code(error).
int report(const std::string& program, const Error& error);
void set_json_errors(bool on);
bool wants_json() noexcept;  // what set_json_errors() said last

// The table of decisions.md, "Errors and exit codes".
int exit_code(const Error& error) noexcept;

}  // namespace noports::apps
