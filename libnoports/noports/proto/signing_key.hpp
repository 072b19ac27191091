// SPDX-License-Identifier: BSD-3-Clause
// The public signing key of an enrolment: the record in which it stands, and how to read that
// (noports-newer.md 7.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/at/key.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"

namespace noports::proto {

// "public:_apsk.<enrolment>.a.__e@alice": where a record of signing keys stands.
class SigningKeyUri {
 public:
  // Of an atSign's enrolment; of its first keys where there is none. bad_syntax for an id with
  // other characters than letters, digits, '_' and '-'.
  static Result<SigningKeyUri> of(const at::Atsign& owner,
                                  const std::optional<std::string>& enrolment);
  // With or without "public:", in any case. bad_syntax for everything else, so that what is fetched
  // is a record that only the enrolment itself can write.
  static Result<SigningKeyUri> parse(std::string_view text);

  const at::Atsign& owner() const noexcept { return owner_; }
  const std::string& enrolment() const noexcept { return enrolment_; }  // "primary" for none
  at::Key key() const;
  std::string str() const { return key().str(); }

  bool operator==(const SigningKeyUri&) const = default;

 private:
  SigningKeyUri(at::Atsign owner, std::string enrolment)
      : owner_(std::move(owner)), enrolment_(std::move(enrolment)) {}
  at::Atsign owner_;
  std::string enrolment_;
};

// From the weakest to the strongest.
enum class SigningAlgorithm { rsa2048, mldsa65 };
std::string_view name(SigningAlgorithm algorithm) noexcept;
std::optional<SigningAlgorithm> signing_algorithm(std::string_view name) noexcept;

// A key's short name: 16 hexadecimal digits of the SHA-256 of its bytes. bad_syntax for what is no
// base64.
Result<std::string> signing_key_id(std::string_view base64_key);

struct SigningKey {
  std::string id;
  SigningAlgorithm algorithm = SigningAlgorithm::rsa2048;
  std::string key;  // base64
  bool operator==(const SigningKey&) const = default;
};

// Either form of the record: one RSA key, or a list of which the entries that are not understood or
// not active are left out. bad_syntax for what is neither, and when nothing is left.
Result<std::vector<SigningKey>> decode_signing_keys(std::string_view record);

// The key that may have made a signature which says of itself: this algorithm, this id. It has to
// be of the strongest algorithm that the record offers, and without an id the only one of it.
// bad_signature says what does not fit; mldsa65 never does, since this program cannot check it.
Result<crypto::PublicKey> choose_signing_key(const std::vector<SigningKey>& offered,
                                             SigningAlgorithm algorithm,
                                             const std::optional<std::string>& id);

}  // namespace noports::proto
