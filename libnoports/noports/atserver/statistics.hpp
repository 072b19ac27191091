// SPDX-License-Identifier: BSD-3-Clause
// What every monitor connection is told unasked: the last commit id, by which clients see that
// there is something to fetch and that the connection lives (atprotocol-wire.md 3.14).
#pragma once

#include <asio/awaitable.hpp>

#include "noports/atserver/services.hpp"

namespace noports::atserver {

// "notification: {"id":"-1",...}" and LF; `last_commit` is -1 when there was none.
std::string statistics_line(const at::Atsign& self, std::int64_t last_commit, std::int64_t now);

// The monitors of those atSigns whose commit id has grown: once for a commit, however much was in
// it.
void tell_commits(Services& services);

// All monitors, each as often as limits.statistics says, spread over that time.
asio::awaitable<void> keep_telling(Services& services);

}  // namespace noports::atserver
