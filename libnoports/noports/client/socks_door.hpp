// SPDX-License-Identifier: BSD-3-Clause
// The conversation by which a program tells a local SOCKS port where it wants to go (RFC 1928).
#pragma once

#include <asio/awaitable.hpp>

#include "noports/base/error.hpp"
#include "noports/base/result.hpp"
#include "noports/net/race.hpp"
#include "noports/net/tcp.hpp"
#include "noports/proto/permit.hpp"
#include "noports/proto/socks5.hpp"

namespace noports::client {

// Greeting and request, read to their last byte and no further; what the program says behind them
// belongs to the destination. A request that is not understood has been answered when this returns.
// Errors: bad_syntax, refused, disconnected, timed_out. `socket` outlives the wait.
asio::awaitable<Result<proto::Endpoint>> hear_socks(net::Socket& socket, net::Deadline deadline);

asio::awaitable<Result<void>> answer_socks(net::Socket& socket, proto::SocksReply reply,
                                           net::Deadline deadline);

// What a program is told when its destination could not be reached.
proto::SocksReply socks_reply_of(const Error& error) noexcept;

}  // namespace noports::client
