// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/login.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace noports::atclient {

using namespace std::chrono_literals;

namespace {

constexpr auto kRemembered = 5s;  // for an address that may be out of date, and answer nothing

}  // namespace

Login::Login(Directory directory, net::TlsContext tls, at::Atsign self,
             std::shared_ptr<const keys::Keys> keys, std::shared_ptr<AddressBook> book)
    : tls_(tls),
      self_(std::move(self)),
      keys_(std::move(keys)),
      finder_(std::move(directory), tls, std::move(book)) {}

asio::awaitable<Result<Finder::Found>> Login::find(net::Deadline deadline) {
  auto found = co_await finder_.find(self_, deadline);
  if (!found && found.error().code() == Errc::not_found && found.error().hop() == Hop::directory) {
    const auto error = Error(Errc::not_set_up, Hop::directory, found.error().what());
    co_return fail(Error(error).hint("check the spelling of " + self_.str() +
                                     "; a new atSign appears some minutes after its registration"));
  }
  co_return found;
}

asio::awaitable<Login::Opened> Login::open_anonymous(net::Deadline deadline) {
  auto found = co_await find(deadline);
  if (!found) co_return fail(std::move(found).error());
  auto connection = co_await Connection::open(found->address, tls_, deadline);
  if (!connection) finder_.forget(self_);
  co_return connection;
}

asio::awaitable<Login::Opened> Login::open_at(Address address, Refusals refusals,
                                              net::Deadline deadline) {
  auto connection = co_await Connection::open(std::move(address), tls_, deadline);
  if (!connection) co_return connection;
  auto proven = co_await authenticate(**connection, self_, keys_, refusals, deadline);
  if (proven) co_return connection;
  (*connection)->close();
  co_return fail(std::move(proven).error());
}

asio::awaitable<Login::Opened> Login::open(Refusals refusals, net::Deadline deadline) {
  auto found = co_await find(deadline);
  if (!found) co_return fail(std::move(found).error());
  const auto limit = found->remembered ? std::min(deadline, net::in(kRemembered)) : deadline;
  auto connection = co_await open_at(found->address, refusals, limit);
  if (connection) co_return connection;
  finder_.forget(self_);
  if (!found->remembered) co_return connection;
  auto again = co_await find(deadline);
  const bool is_same = again && again->address == found->address;
  if (!again || (is_same && connection.error().code() != Errc::timed_out)) co_return connection;
  co_return co_await open_at(again->address, refusals, deadline);
}

bool is_final(const Error& error) noexcept {
  return error.code() == Errc::rejected || error.code() == Errc::revoked ||
         error.code() == Errc::not_set_up || error.code() == Errc::config;
}

}  // namespace noports::atclient
