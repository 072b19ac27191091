// SPDX-License-Identifier: BSD-3-Clause
// A process descriptor becomes readable when its process ends. Portable twin:
// child_watch_portable.cpp.
#include <sys/syscall.h>
#include <unistd.h>

#include <asio/experimental/as_tuple.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "noports/net/spawn.hpp"

namespace noports::net::detail {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

// How often a kernel before 5.3, which has no process descriptors, is asked.
constexpr std::chrono::milliseconds kLook{50};

}  // namespace

asio::awaitable<Result<void>> child_change(pid_t child) {
  const auto executor = co_await asio::this_coro::executor;
  const long fd = syscall(SYS_pidfd_open, child, 0);  // close-on-exec by itself
  if (fd < 0) {
    asio::steady_timer timer(executor, kLook);
    co_await timer.async_wait(kTuple);
    co_return Result<void>();
  }
  asio::posix::stream_descriptor ended(executor, static_cast<int>(fd));
  co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, kTuple);
  co_return Result<void>();
}

}  // namespace noports::net::detail
