// SPDX-License-Identifier: BSD-3-Clause
// TCP sockets as we want them: TCP_NODELAY and close-on-exec from the first byte, keep-alive on,
// error codes turned into Errc at once.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <system_error>

#include "noports/base/result.hpp"
#include "noports/net/race.hpp"

namespace noports::net {

using Socket = asio::ip::tcp::socket;
using Acceptor = asio::ip::tcp::acceptor;

// Resolves and connects. Every address that the name has is tried, a new one 250 ms after the one
// before or as soon as it failed (RFC 8305, 5); the first that connects wins. Errors: not_found
// (name), timed_out, disconnected, busy (look-ups); the sentence names host and port.
asio::awaitable<Result<Socket>> dial(std::string host, std::uint16_t port, Deadline deadline);

// Listens on a numeric address or "localhost"; port 0 takes a free one. busy when it is taken,
// forbidden or not ours, config when the address is neither. "::" serves IPv4 as well.
Result<Acceptor> listen(asio::any_io_executor executor, const std::string& address,
                        std::uint16_t port);

// The next connection; out of descriptors or memory is waited out, not returned. Errors only when
// the acceptor itself is of no more use.
asio::awaitable<Result<Socket>> accept(Acceptor& acceptor);

// NODELAY, CLOEXEC, keep-alive; dial() and accept() have done it already.
void prepare(Socket& socket) noexcept;

// "host:port" with brackets around an IPv6 literal
std::string endpoint_text(const std::string& host, std::uint16_t port);

// An asio error as ours: "doing: what happened". cancelled when our side closed the socket; busy
// for a local shortage, timed_out, and disconnected for all else. A coroutine that was cancelled
// should go on by exception instead: checkpoint().
Error to_error(const std::error_code& code, std::string doing);

}  // namespace noports::net
