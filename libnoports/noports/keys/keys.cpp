// SPDX-License-Identifier: BSD-3-Clause
#include "noports/keys/keys.hpp"

#include <utility>

#include "noports/crypto/aes.hpp"
#include "noports/crypto/random.hpp"

namespace noports::keys {

Result<Keys> make_keys() {
  auto pkam = crypto::PrivateKey::generate();
  if (!pkam) return fail(std::move(pkam).error());
  auto encryption = crypto::PrivateKey::generate();
  if (!encryption) return fail(std::move(encryption).error());
  return Keys{*std::move(pkam),
              *std::move(encryption),
              crypto::random_secret(crypto::kAesKeySize),
              crypto::random_secret(crypto::kAesKeySize),
              std::nullopt,
              crypto::Secret()};
}

}  // namespace noports::keys
