// SPDX-License-Identifier: BSD-3-Clause
// Names to addresses. Numeric addresses and "localhost" need no look-up.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::net {

// The addresses of a host in the order in which they should be tried: as the system sorts them
// (RFC 6724), families interleaved (RFC 8305, 4), at most 16. Never empty. not_found when the name
// has none, disconnected when the name service does not answer. May take the resolver's own time
// (half a minute): spend it with before(); a cancelled look-up is abandoned at once.
asio::awaitable<Result<std::vector<asio::ip::tcp::endpoint>>> resolve(std::string host,
                                                                      std::uint16_t port);

}  // namespace noports::net
