// SPDX-License-Identifier: BSD-3-Clause
// One byte stream over a plain or TLS socket, with lines. For conversations; tunnel data does not
// pass here (see net/poller and bridge).
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ssl/stream.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "noports/base/framer.hpp"
#include "noports/base/result.hpp"
#include "noports/net/tcp.hpp"

namespace noports::net {

// After an operation that was cancelled or failed the stream is closed, never used again. One
// reader and one writer may wait at the same time. Neither has a time limit of its own: use
// before().
class Stream {
 public:
  using Tls = asio::ssl::stream<Socket>;

  explicit Stream(Socket socket, std::size_t line_limit = kLineLimit);
  explicit Stream(Tls stream, std::size_t line_limit = kLineLimit);

  // Some bytes, at most `most` (> 0), first those behind the last line; an empty text is the end of
  // the stream, also when TLS did not say farewell.
  asio::awaitable<Result<std::string>> read_some(std::size_t most = 16384);
  // The next line without its end; disconnected at the end of the stream, bad_syntax
  // when it is longer than the limit.
  asio::awaitable<Result<std::string>> read_line();
  // All of it, as one TLS record where it fits.
  asio::awaitable<Result<void>> write_all(std::string bytes);

  // What was read behind the last line.
  std::string_view pending() const noexcept { return framer_.pending(); }
  std::string take_pending() { return framer_.take_pending(); }
  // The TCP socket below, e.g. to hand over to the data plane after a handshake in plain text.
  Socket& socket() noexcept;
  // What TLS settled on by ALPN; empty when it did not.
  std::string_view protocol() noexcept;
  // "127.0.0.1:40001", for logs; stays after the end.
  const std::string& peer() const noexcept { return peer_; }
  void close() noexcept;  // at once, without a TLS farewell

  static constexpr std::size_t kLineLimit = 10'240'000;  // bytes, what atServers accept

 private:
  asio::awaitable<Result<std::string>> receive(std::size_t most);

  std::variant<Socket, Tls> under_;
  Framer framer_;
  std::string peer_;
};

}  // namespace noports::net
