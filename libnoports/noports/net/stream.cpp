// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/stream.hpp"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ssl/error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <cassert>
#include <tuple>
#include <utility>

namespace noports::net {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

// What one wait for a line takes in; more would only be held by connections that are idle.
constexpr std::size_t kLineChunk = 4096;

std::string peer_text(const Socket& socket) {
  std::error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  if (gone) return "unknown";
  return endpoint_text(endpoint.address().to_string(), endpoint.port());
}

bool is_end(const std::error_code& code) {
  return code == asio::error::eof || code == asio::ssl::error::stream_truncated;
}

}  // namespace

Stream::Stream(Socket socket, std::size_t line_limit)
    : under_(std::in_place_type<Socket>, std::move(socket)),
      framer_(line_limit),
      peer_(peer_text(this->socket())) {}

Stream::Stream(Tls stream, std::size_t line_limit)
    : under_(std::in_place_type<Tls>, std::move(stream)),
      framer_(line_limit),
      peer_(peer_text(socket())) {}

std::string_view Stream::protocol() noexcept {
  auto* tls = std::get_if<Tls>(&under_);
  if (tls == nullptr) return {};
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(tls->native_handle(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

Socket& Stream::socket() noexcept {
  if (auto* tls = std::get_if<Tls>(&under_)) return tls->next_layer();
  return *std::get_if<Socket>(&under_);
}

void Stream::close() noexcept {
  std::error_code ignored;  // there is nothing to do about it
  socket().close(ignored);
}

// Bytes from the socket, an empty text at its end.
asio::awaitable<Result<std::string>> Stream::receive(std::size_t most) {
  std::string chunk(most, '\0');
  const auto room = asio::buffer(chunk);
  auto* tls = std::get_if<Tls>(&under_);
  std::error_code code;
  std::size_t size = 0;
  if (tls) {
    std::tie(code, size) = co_await tls->async_read_some(room, kTuple);
  } else {
    std::tie(code, size) = co_await socket().async_read_some(room, kTuple);
  }
  if (code && !is_end(code)) {
    if (code == asio::error::operation_aborted) co_await checkpoint();
    co_return fail(to_error(code, "reading from " + peer_));
  }
  chunk.resize(size);
  co_return chunk;
}

asio::awaitable<Result<std::string>> Stream::read_some(std::size_t most) {
  assert(most > 0);
  if (framer_.pending().empty()) co_return co_await receive(most);
  std::string bytes = framer_.take_pending();
  if (bytes.size() > most) {
    framer_.feed(std::string_view(bytes).substr(most));
    bytes.resize(most);
  }
  co_return bytes;
}

asio::awaitable<Result<std::string>> Stream::read_line() {
  for (;;) {
    auto line = framer_.next();
    if (!line) co_return fail(std::move(line).error().during("reading from " + peer_));
    if (*line) co_return **std::move(line);
    const auto bytes = co_await receive(kLineChunk);
    if (!bytes) co_return fail(bytes.error());
    if (bytes->empty()) {
      co_return fail(to_error(asio::error::eof, "reading from " + peer_));
    }
    framer_.feed(*bytes);
  }
}

asio::awaitable<Result<void>> Stream::write_all(std::string bytes) {
  const auto all = asio::buffer(std::as_const(bytes));
  auto* tls = std::get_if<Tls>(&under_);
  std::error_code code;
  if (tls) {
    std::tie(code, std::ignore) = co_await asio::async_write(*tls, all, kTuple);
  } else {
    std::tie(code, std::ignore) = co_await asio::async_write(socket(), all, kTuple);
  }
  if (!code) co_return Result<void>();
  if (code == asio::error::operation_aborted) co_await checkpoint();
  co_return fail(to_error(code, "writing to " + peer_));
}

}  // namespace noports::net
