// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/relay_auth.hpp"

#include <asio/buffer.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <string>
#include <utility>

namespace noports::client {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

struct Door {
  Door(std::shared_ptr<Signer> signer_, proto::RelayCredentials credentials_)
      : signer(std::move(signer_)), credentials(std::move(credentials_)) {}
  std::shared_ptr<Signer> signer;
  proto::RelayCredentials credentials;
  std::string line;  // empty until the first socket has asked for it
};

asio::awaitable<Result<void>> write(net::Socket& socket, std::string line) {
  const auto [failed, sent] = co_await asio::async_write(socket, asio::buffer(line), kTuple);
  if (failed) {
    co_return fail(net::to_error(failed, "authenticating to the relay").at(Hop::relay));
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> pass(std::shared_ptr<Door> door, net::Socket& socket,
                                   net::Deadline deadline) {
  if (door->line.empty()) {
    auto line = co_await door->signer->relay_line(door->credentials);
    if (!line) co_return fail(std::move(line).error().during("signing the line to the relay"));
    door->line = *std::move(line);
  }
  auto written = co_await net::before(deadline, write(socket, door->line));
  if (!written) co_return fail(std::move(written).error().at(Hop::relay));
  co_return Result<void>();
}

asio::awaitable<Result<void>> nothing() { co_return Result<void>(); }

}  // namespace

bridge::RelayAuth payload_auth(std::shared_ptr<Signer> signer,
                               proto::RelayCredentials credentials) {
  auto door = std::make_shared<Door>(std::move(signer), std::move(credentials));
  return
      [door](net::Socket& socket, net::Deadline deadline) { return pass(door, socket, deadline); };
}

bridge::RelayAuth no_auth() {
  return [](net::Socket&, net::Deadline) { return nothing(); };
}

}  // namespace noports::client
