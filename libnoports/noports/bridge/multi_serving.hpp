// SPDX-License-Identifier: BSD-3-Clause
// The client's end of a multi session, wherever its connections come from.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/net/poller.hpp"
#include "noports/net/race.hpp"

namespace noports::bridge {

// The next connection to carry; asked for again when the last has its stream. An error ends the
// session with it.
using NextApplication = std::function<asio::awaitable<Result<Side>>()>;

// Control channel before `deadline`, then one stream with fresh keys for each connection
// (noports-newer.md 5.3, 5.4). Ends with the control channel (error), when idle (value), or by
// cancellation; connections that live are ended with it. One that fails is reported and ends alone.
asio::awaitable<Result<Summary>> serve_multi(Leg leg, net::Poller& poller, net::Deadline deadline,
                                             ServeOptions options, NextApplication next);

}  // namespace noports::bridge
