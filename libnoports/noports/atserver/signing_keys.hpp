// SPDX-License-Identifier: BSD-3-Clause
// The key pair with which the atServer of an atSign proves itself to others; clients have no part
// in it (atprotocol-wire.md 3.5, 6.2). Made at first need.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <optional>
#include <set>

#include "noports/atserver/services.hpp"
#include "noports/crypto/rsa.hpp"

namespace noports::atserver {

class SigningKeys {
 public:
  SigningKeys(Services& services, asio::any_io_executor executor);

  // The private key of `account`. Errors: io.
  asio::awaitable<Result<crypto::PrivateKey>> of(Account account);

 private:
  std::optional<crypto::PrivateKey> find(const Account& account);
  Result<void> keep(const Account& account, const crypto::PrivateKey& pair);

  Services& services_;
  std::set<std::int64_t> being_made_;
  asio::steady_timer made_;  // never expires; cancelled when a pair is there
};

}  // namespace noports::atserver
