// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/ephemeral_key.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "noports/net/offload.hpp"
#include "noports/net/race.hpp"

namespace noports::client {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

}  // namespace

EphemeralKey::EphemeralKey(asio::any_io_executor executor, Make make)
    : ready_(executor, asio::steady_timer::time_point::max()),
      tasks_(executor, [this](std::exception_ptr) {
        made_.emplace(fail(Errc::io, "making the session's key pair: out of resources"));
        ready_.cancel();
      }) {
  tasks_.spawn(produce(std::move(make)));
}

asio::awaitable<void> EphemeralKey::produce(Make make) {
  made_.emplace(co_await net::offload<crypto::PrivateKey>(std::move(make)));
  ready_.cancel();
}

asio::awaitable<Result<crypto::PrivateKey>> EphemeralKey::get() {
  while (!made_) {
    co_await ready_.async_wait(kTuple);
    co_await net::checkpoint();
  }
  co_return *made_;
}

asio::awaitable<void> EphemeralKey::close() {
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace noports::client
