// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/auth_line.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <memory>
#include <utility>

namespace noports::bridge {
namespace {

asio::awaitable<Result<std::size_t>> write(net::Socket& socket,
                                           std::shared_ptr<const std::string> line) {
  const auto [code, sent] = co_await asio::async_write(
      socket, asio::buffer(*line), asio::experimental::as_tuple(asio::use_awaitable));
  if (code) co_return fail(net::to_error(code, "writing the auth line").at(Hop::relay));
  co_return sent;
}

asio::awaitable<Result<void>> say(net::Socket& socket, net::Deadline deadline,
                                  std::shared_ptr<const std::string> line) {
  auto said = co_await net::before(deadline, write(socket, std::move(line)));
  if (!said) co_return fail(std::move(said).error());
  co_return Result<void>();
}

asio::awaitable<Result<void>> pass() { co_return Result<void>(); }

}  // namespace

RelayAuth auth_line(std::string line) {
  auto shared = std::make_shared<const std::string>(std::move(line));
  return [shared](net::Socket& socket, net::Deadline deadline) {
    return say(socket, deadline, shared);
  };
}

RelayAuth no_auth() {
  return [](net::Socket&, net::Deadline) { return pass(); };
}

}  // namespace noports::bridge
