// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include <asio/experimental/as_tuple.hpp>
#include <asio/signal_set.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "noports/net/race.hpp"

namespace noports::net {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

// A shell's way to say "ended by signal n".
extern "C" void leave_at_once(int number) { _exit(128 + number); }

void on_signal(int number, void (*handler)(int)) noexcept {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);
}

}  // namespace

asio::awaitable<int> stop_signal() {
  asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
  const int number = co_await signals.async_wait(asio::use_awaitable);
  signals.clear();
  // Not through the loop: it may be what hangs.
  on_signal(SIGINT, leave_at_once);
  on_signal(SIGTERM, leave_at_once);
  co_return number;
}

Hangups::Hangups(asio::any_io_executor executor) : signals_(std::move(executor), SIGHUP) {}

asio::awaitable<Result<void>> Hangups::next() {
  const auto [code, number] = co_await signals_.async_wait(kTuple);
  if (code) {
    co_await checkpoint();
    co_return fail(Errc::cancelled, "nobody waits for SIGHUP any more");
  }
  co_return Result<void>();
}

void ignore_broken_pipes() noexcept { on_signal(SIGPIPE, SIG_IGN); }

}  // namespace noports::net
