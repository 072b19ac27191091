// SPDX-License-Identifier: BSD-3-Clause
// "Something has changed, look again", within one loop.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/net/race.hpp"

namespace noports::bridge {

// One waiter at a time. There is no memory: check the condition, then wait, then check again.
class Event {
 public:
  explicit Event(asio::any_io_executor executor) : timer_(std::move(executor)) {}
  void notify() { timer_.cancel(); }
  // Until notify(), at the latest until `latest`. Throws when the waiter is cancelled.
  asio::awaitable<void> wait(net::Deadline latest = net::Deadline::max()) {
    timer_.expires_at(latest);
    co_await timer_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    co_await net::checkpoint();
  }

 private:
  asio::steady_timer timer_;
};

}  // namespace noports::bridge
