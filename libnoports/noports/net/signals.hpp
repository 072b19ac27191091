// SPDX-License-Identifier: BSD-3-Clause
// SIGINT and SIGTERM as an event of the loop.
#pragma once

#include <asio/awaitable.hpp>

namespace noports::net {

// Returns the number of the first SIGINT or SIGTERM that arrives. From then on a second one ends
// the process at once with status 128 + number.
asio::awaitable<int> stop_signal();

// SIGPIPE is ignored in every program: a closed peer is an error code, not an end.
void ignore_broken_pipes() noexcept;

}  // namespace noports::net
