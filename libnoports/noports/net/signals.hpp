// SPDX-License-Identifier: BSD-3-Clause
// SIGINT, SIGTERM and SIGHUP as events of the loop.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/signal_set.hpp>

#include "noports/base/result.hpp"

namespace noports::net {

// Returns the number of the first SIGINT or SIGTERM that arrives. From then on a second one ends
// the process at once with status 128 + number.
asio::awaitable<int> stop_signal();

// SIGHUP, which says "read your files again"; as long as this lives it does not end the process.
class Hangups {
 public:
  explicit Hangups(asio::any_io_executor executor);
  // The next one; those that came since the last call count as one or more.
  asio::awaitable<Result<void>> next();

 private:
  asio::signal_set signals_;
};

// SIGPIPE is ignored in every program: a closed peer is an error code, not an end.
void ignore_broken_pipes() noexcept;

}  // namespace noports::net
