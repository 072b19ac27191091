// SPDX-License-Identifier: BSD-3-Clause
// SIGCHLD says that some child has ended. The twin of child_watch.cpp.
#include <signal.h>
#include <sys/wait.h>

#include <asio/experimental/as_tuple.hpp>
#include <asio/signal_set.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/net/spawn.hpp"

namespace noports::net::detail {
namespace {

// Without taking the status away from status_of().
bool has_ended(pid_t child) noexcept {
  siginfo_t about = {};
  const int failed = waitid(P_PID, static_cast<id_t>(child), &about, WEXITED | WNOHANG | WNOWAIT);
  return failed != 0 || about.si_pid == child;
}

}  // namespace

asio::awaitable<Result<void>> child_change(pid_t child) {
  asio::signal_set signals(co_await asio::this_coro::executor, SIGCHLD);
  if (has_ended(child)) co_return Result<void>();  // before we listened
  co_await signals.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  co_return Result<void>();
}

}  // namespace noports::net::detail
