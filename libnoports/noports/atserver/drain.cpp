// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/drain.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>

namespace noports::atserver {

asio::awaitable<bool> Drain::finish(net::Deadline deadline) {
  constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
  begun_ = true;
  done_.expires_at(deadline);
  while (works_ > 0) {
    const auto [code] = co_await done_.async_wait(kTuple);
    if (!code) break;  // it expired
    co_await net::checkpoint();
  }
  co_return works_ == 0;
}

}  // namespace noports::atserver
