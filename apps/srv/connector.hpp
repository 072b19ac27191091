// SPDX-License-Identifier: BSD-3-Clause
// Either end of one session, as a program of its own.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "srv/options.hpp"

namespace noports::apps::srv {

// Until the session ends. `on_ready` is called once (noports-wire.md 10.1): the client's end
// listens, and in multi mode has its control channel; the device's end is connected. `options`
// outlives it.
asio::awaitable<Result<int>> connect_ends(const Options& options, bridge::Leg leg,
                                          std::function<void()> on_ready);

}  // namespace noports::apps::srv
