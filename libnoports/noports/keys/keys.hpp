// SPDX-License-Identifier: BSD-3-Clause
// The keys of one atSign and what each is for (keys-and-enrollment.md 1.1).
#pragma once

#include <optional>
#include <string>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::keys {

// Movable, not copyable (the symmetric keys are Secrets).
struct Keys {
  crypto::PrivateKey pkam;         // proves to the atServer who we are
  crypto::PrivateKey encryption;   // what others encrypt to and verify with: public:publickey@x
  crypto::Secret self_encryption;  // 32 bytes, for our own records
  std::optional<crypto::Secret> apkam_symmetric;  // 32 bytes, of this enrolment
  std::optional<std::string> enrollment_id;
  // A JSON object of the members of the key file that mean nothing to us, such as the typed keys of
  // newer tools (1.8), so that they survive when it is written again. Empty: there are none.
  crypto::Secret unknown = {};
};

// New key pairs and symmetric keys; slow (two RSA generations): call it through net::offload.
Result<Keys> make_keys();

}  // namespace noports::keys
