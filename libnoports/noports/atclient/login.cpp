// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/login.hpp"

#include <utility>

namespace noports::atclient {

Login::Login(Directory directory, net::TlsContext tls, at::Atsign self,
             std::shared_ptr<const keys::Keys> keys)
    : tls_(tls),
      self_(std::move(self)),
      keys_(std::move(keys)),
      finder_(std::move(directory), tls) {}

asio::awaitable<Result<Finder::Found>> Login::find(net::Deadline deadline) {
  auto found = co_await finder_.find(self_, deadline);
  if (!found && found.error().code() == Errc::not_found && found.error().hop() == Hop::directory) {
    const auto error = Error(Errc::not_set_up, Hop::directory, found.error().what());
    co_return fail(Error(error).hint("check the spelling of " + self_.str() +
                                     "; a new atSign appears some minutes after its registration"));
  }
  co_return found;
}

asio::awaitable<Result<std::unique_ptr<Connection>>> Login::open_anonymous(net::Deadline deadline) {
  auto found = co_await find(deadline);
  if (!found) co_return fail(std::move(found).error());
  auto connection = co_await Connection::open(found->address, tls_, deadline);
  if (connection || !found->remembered) co_return connection;
  finder_.forget(self_);
  auto again = co_await find(deadline);
  if (!again || again->address == found->address) co_return connection;
  co_return co_await Connection::open(again->address, tls_, deadline);
}

asio::awaitable<Result<std::unique_ptr<Connection>>> Login::open(Refusals refusals,
                                                                 net::Deadline deadline) {
  auto connection = co_await open_anonymous(deadline);
  if (!connection) {
    finder_.forget(self_);
    co_return fail(std::move(connection).error());
  }
  auto proven = co_await authenticate(**connection, self_, keys_, refusals, deadline);
  if (!proven) {
    (*connection)->close();
    co_return fail(std::move(proven).error());
  }
  co_return connection;
}

bool is_final(const Error& error) noexcept {
  return error.code() == Errc::rejected || error.code() == Errc::not_set_up ||
         error.code() == Errc::config;
}

}  // namespace noports::atclient
