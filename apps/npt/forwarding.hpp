// SPDX-License-Identifier: BSD-3-Clause
// npt with -L and --socks: several local ports in one process, with a session for each destination,
// opened when it is first wanted.
#pragma once

#include <asio/awaitable.hpp>

#include "common/background.hpp"
#include "noports/base/result.hpp"
#include "npt/options.hpp"

namespace noports::apps::npt {

// Listens first, then asks whether the device is there (again and again with keep_alive), then
// serves until cancelled. A destination that cannot be reached ends the connections to it and is
// reported. Both arguments outlive it; `background` (may be null) gets the local ports, one in a
// line, in the order of options.forwards.
asio::awaitable<Result<int>> run_forwarding(const Options& options, Background* background);

}  // namespace noports::apps::npt
