// SPDX-License-Identifier: BSD-3-Clause
// Who signs in the name of our atSign. Awaitable, so that the key may live on another thread, in
// another process or in a device of its own.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"

namespace noports::atclient {

class Signer {
 public:
  virtual ~Signer() = default;
  // RSASSA-PKCS1-v1_5 with SHA-256 and the atSign's encryption key; raw bytes.
  virtual asio::awaitable<Result<std::string>> sign(std::string message) = 0;
};

// With a key in memory, off the loop.
std::shared_ptr<Signer> key_signer(crypto::PrivateKey key);

}  // namespace noports::atclient
