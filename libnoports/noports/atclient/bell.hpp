// SPDX-License-Identifier: BSD-3-Clause
// Wakes the coroutines of one loop that wait for some state to change.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/net/race.hpp"

namespace noports::atclient {

// A ring() that nobody waits for is lost: look at the state, then wait, then look again. The bell
// must outlive its waiters.
class Bell {
 public:
  explicit Bell(const asio::any_io_executor& executor)
      : timer_(executor, asio::steady_timer::time_point::max()) {}

  void ring() { timer_.cancel(); }

  // Until the next ring(), which wakes everybody who waits.
  asio::awaitable<void> wait() {
    co_await timer_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  }

  // Until the next ring() or `deadline`. For a bell with one waiter: a second one would wake the
  // first.
  asio::awaitable<void> wait_until(net::Deadline deadline) {
    timer_.expires_at(deadline);
    co_await timer_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  }

 private:
  asio::steady_timer timer_;
};

}  // namespace noports::atclient
