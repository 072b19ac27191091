// SPDX-License-Identifier: BSD-3-Clause
// RSA keys in the encodings in use: SPKI and PKCS#8, DER, as base64 text without armour
// (keys-and-enrollment.md 1.3). PKCS#1 v1.5 throughout, as the protocol demands.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::crypto {

enum class Hash { sha256, sha512 };

// Copies share one immutable key.
class PublicKey {
 public:
  // bad_syntax for anything but an RSA SubjectPublicKeyInfo of 2048 to 8192 bits
  static Result<PublicKey> parse(std::string_view base64_spki);

  const std::string& text() const noexcept;  // the base64 it was parsed from, trimmed
  int bits() const noexcept;
  std::string checksum() const;  // pubKeyCS: hex MD5 of text()

  // True only for a valid signature (RSASSA-PKCS1-v1_5); `signature` is raw bytes.
  bool verify(std::string_view message, std::string_view signature, Hash hash = Hash::sha256) const;
  // RSAES-PKCS1-v1_5; raw bytes out; bad_syntax when the text is longer than the key allows (245
  // bytes for 2048 bits) or the key's numbers are no RSA key
  Result<std::string> encrypt(std::string_view text) const;

 private:
  struct Key;
  explicit PublicKey(std::shared_ptr<const Key> key) : key_(std::move(key)) {}
  friend class PrivateKey;
  std::shared_ptr<const Key> key_;
};

// Copies share one immutable key, wiped with the last of them.
class PrivateKey {
 public:
  // bad_syntax for anything but an RSA key in PKCS#8 of 2048 to 8192 bits
  static Result<PrivateKey> parse(std::string_view base64_pkcs8);
  // 2048 bits, e = 65537; takes tens to hundreds of milliseconds: call it through net::offload
  static Result<PrivateKey> generate();

  const PublicKey& public_key() const noexcept;
  Secret text() const;  // base64 of PKCS#8 DER: what it was parsed from, trimmed

  // Raw bytes (RSASSA-PKCS1-v1_5); config when the key's numbers are damaged. About 1 ms.
  Result<std::string> sign(std::string_view message, Hash hash = Hash::sha256) const;
  // bad_syntax for wrong length or padding alike; constant in time with respect to the padding
  Result<Secret> decrypt(std::string_view bytes) const;

 private:
  struct Key;
  explicit PrivateKey(std::shared_ptr<const Key> key) : key_(std::move(key)) {}
  std::shared_ptr<const Key> key_;
};

}  // namespace noports::crypto
