// SPDX-License-Identifier: BSD-3-Clause
// One connection from beginning to end, awaited.
#pragma once

#include <asio/awaitable.hpp>

#include "noports/base/result.hpp"
#include "noports/bridge/codec.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/net/poller.hpp"

namespace noports::bridge {

// Moves bytes until both directions have ended; cancelled: both sides are reset. Errors: what
// trouble() makes of the end of an only connection. However it ends, `moved` says what was moved.
// `poller` and `moved` outlive the wait.
asio::awaitable<Result<Summary>> carry(net::Poller& poller, End end, Side ours, Side relay,
                                       CodecPair codecs, Summary* moved = nullptr);

}  // namespace noports::bridge
