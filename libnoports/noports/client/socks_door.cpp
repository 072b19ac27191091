// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/socks_door.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/read.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <optional>
#include <string>
#include <utility>

namespace noports::client {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

asio::awaitable<Result<std::size_t>> say(net::Socket& socket, std::string bytes) {
  const auto [code, sent] = co_await asio::async_write(socket, asio::buffer(bytes), kTuple);
  if (code) {
    co_await net::checkpoint();
    co_return fail(net::to_error(code, "answering a program at the SOCKS port"));
  }
  co_return sent;
}

// One message of SOCKS, a byte at a time: messages are short, and not a byte behind them may be
// taken from the socket.
template <class Message, class Take>
asio::awaitable<Result<Message>> hear(net::Socket& socket, Take take) {
  std::string bytes;
  for (;;) {
    char next = 0;
    const auto [code, n] = co_await asio::async_read(socket, asio::buffer(&next, 1), kTuple);
    if (code) {
      co_await net::checkpoint();
      co_return fail(net::to_error(code, "reading from a program at the SOCKS port"));
    }
    bytes += next;
    auto taken = take(bytes);
    if (!taken) co_return fail(std::move(taken).error());
    if (*taken) co_return std::move((*taken)->message);
  }
}

asio::awaitable<Result<proto::Endpoint>> converse(net::Socket& socket) {
  auto greeting = co_await hear<proto::SocksGreeting>(socket, proto::take_socks_greeting);
  if (!greeting) co_return fail(std::move(greeting).error());
  const auto& methods = greeting->methods;
  const bool is_free =
      std::find(methods.begin(), methods.end(), proto::kSocksNoAuthentication) != methods.end();
  const auto method = is_free ? proto::kSocksNoAuthentication : proto::kSocksNoMethod;
  auto chosen = co_await say(socket, proto::encode_socks_method(method));
  if (!chosen) co_return fail(std::move(chosen).error());
  if (!is_free) {
    co_return fail(Error(Errc::refused, "a program at the SOCKS port wants to give a password")
                       .hint("set it to use no password"));
  }
  auto request = co_await hear<proto::SocksRequest>(socket, proto::take_socks_request);
  if (!request) co_return fail(std::move(request).error());
  if (request->verdict == proto::SocksReply::succeeded) co_return std::move(request->to);
  auto told = co_await say(socket, proto::encode(request->verdict));
  if (!told) co_return fail(std::move(told).error());
  co_return fail(Errc::refused,
                 "a program at the SOCKS port asked for something else than a TCP connection to a "
                 "host");
}

}  // namespace

asio::awaitable<Result<proto::Endpoint>> hear_socks(net::Socket& socket, net::Deadline deadline) {
  co_return co_await net::before(deadline, converse(socket));
}

asio::awaitable<Result<void>> answer_socks(net::Socket& socket, proto::SocksReply reply,
                                           net::Deadline deadline) {
  auto said = co_await net::before(deadline, say(socket, proto::encode(reply)));
  if (!said) co_return fail(std::move(said).error());
  co_return Result<void>();
}

proto::SocksReply socks_reply_of(const Error& error) noexcept {
  switch (error.code()) {
    case Errc::refused:
    case Errc::rejected:
      return proto::SocksReply::not_allowed;
    case Errc::timed_out:
    case Errc::not_found:
    case Errc::disconnected:
      return proto::SocksReply::host_unreachable;
    default:
      return proto::SocksReply::failed;
  }
}

}  // namespace noports::client
