// SPDX-License-Identifier: BSD-3-Clause
// Who signs in the name of our atSign. Awaitable, so that the key may live on another thread, in
// another process or in a device of its own.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/proto/relay_auth.hpp"

namespace noports::client {

class Signer {
 public:
  virtual ~Signer() = default;
  // The envelope around a compact JSON payload (proto/envelope.hpp).
  virtual asio::awaitable<Result<std::string>> envelope(std::string payload) = 0;
  // The first line to a relay, with its LF (proto/relay_auth.hpp).
  virtual asio::awaitable<Result<std::string>> relay_line(proto::RelayCredentials credentials) = 0;
};

// Signs at once with a key in memory: the atSign's encryption key.
std::shared_ptr<Signer> key_signer(crypto::PrivateKey key);

}  // namespace noports::client
