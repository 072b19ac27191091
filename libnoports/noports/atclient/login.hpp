// SPDX-License-Identifier: BSD-3-Clause
// From an atSign and its keys to an authenticated connection: directory, TLS, from, pkam.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "noports/atclient/authenticate.hpp"
#include "noports/atclient/connection.hpp"
#include "noports/atclient/directory.hpp"

namespace noports::atclient {

// Shared by the connections of one client, so that they ask the directory once.
class Login {
 public:
  Login(Directory directory, net::TlsContext tls, at::Atsign self,
        std::shared_ptr<const keys::Keys> keys, std::shared_ptr<AddressBook> book = nullptr);

  const at::Atsign& self() const noexcept { return self_; }

  // Where our atServer is. not_set_up, instead of not_found, when the directory does not know us.
  asio::awaitable<Result<Finder::Found>> find(net::Deadline deadline);

  // A connection that speaks for us. An address that was remembered and does not work, or belongs
  // to somebody who does not know our key, is asked for anew. Errors: those of find(),
  // Connection::open() and authenticate().
  asio::awaitable<Result<std::unique_ptr<Connection>>> open(Refusals refusals,
                                                            net::Deadline deadline);
  // The same before anything is proven: for a first activation.
  asio::awaitable<Result<std::unique_ptr<Connection>>> open_anonymous(net::Deadline deadline);

 private:
  using Opened = Result<std::unique_ptr<Connection>>;
  asio::awaitable<Opened> open_at(Address address, Refusals refusals, net::Deadline deadline);

  net::TlsContext tls_;
  at::Atsign self_;
  std::shared_ptr<const keys::Keys> keys_;  // may be null for open_anonymous()
  Finder finder_;
};

// Whether trying again later is of no use: the user must do something first.
bool is_final(const Error& error) noexcept;

}  // namespace noports::atclient
