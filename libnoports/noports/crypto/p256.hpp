// SPDX-License-Identifier: BSD-3-Clause
// ECDSA over P-256 with SHA-256, as secure elements prove themselves with it
// (keys-and-enrollment.md 2.7). Verification alone: the private half is in the hardware.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "noports/base/result.hpp"

namespace noports::crypto {

// Copies share one immutable key.
class P256PublicKey {
 public:
  // bad_syntax for anything but a point of the curve as hex text: "04", X, Y; 130 digits
  static Result<P256PublicKey> parse(std::string_view hex);
  // True only for a valid signature; `signature` is R and S, 32 bytes each.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  struct Key;
  explicit P256PublicKey(std::shared_ptr<const Key> key) : key_(std::move(key)) {}
  std::shared_ptr<const Key> key_;
};

// The 64 bytes in what `pkam` carries, decoded from base64: 128 hex digits, or from newer peers the
// bytes themselves. bad_syntax for anything else.
Result<std::string> p256_signature(std::string_view decoded);

}  // namespace noports::crypto
