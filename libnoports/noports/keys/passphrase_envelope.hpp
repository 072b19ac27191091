// SPDX-License-Identifier: BSD-3-Clause
// What a key file under a passphrase is wrapped in (keys-and-enrollment.md 1.7), both forms of it.
#pragma once

#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/argon2.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::keys {

enum class EnvelopeForm {
  v0,  // salt and costs follow from the passphrase and from nothing; for tools before at_auth 4
  v1,  // a random salt; the costs are in the file
};

// The members of the JSON object. Not secret.
struct PassphraseEnvelope {
  EnvelopeForm form = EnvelopeForm::v1;
  std::string content;      // AES-256-CTR of the whole key file
  std::string iv;           // 16 bytes
  std::string salt;         // 8 to 64 bytes, 16 are usual; empty in v0
  crypto::Argon2Cost cost;  // within the bounds of crypto/argon2.hpp
  bool operator==(const PassphraseEnvelope&) const = default;
};

// The members in the order of the Dart writer, compact. The same envelope gives the same bytes.
std::string encode(const PassphraseEnvelope& envelope);
// bad_syntax for what is no envelope, is of a later version, names another hash than argon2id (the
// others make no AES key) or asks for more memory or time than any honest writer does.
Result<PassphraseEnvelope> decode_envelope(std::string_view json);

// What a wrong passphrase looks like, and cannot be told from.
inline constexpr std::string_view kWrongPassphrase =
    "the passphrase is wrong, or the file is damaged";

// The text of the key file, or config for a passphrase that is empty, is no UTF-8 or, as far as
// the padding can tell, the wrong one: nothing authenticates the content, so the caller treats a
// text that is no key file's JSON likewise. Slow by design: call it through net::offload.
Result<crypto::Secret> open(const PassphraseEnvelope& envelope, const crypto::Secret& passphrase);

// The other way. `iv` and `salt` of 16 random bytes each; v0 ignores the salt.
Result<PassphraseEnvelope> seal(const crypto::Secret& text, const crypto::Secret& passphrase,
                                EnvelopeForm form, std::string_view iv, std::string_view salt);

}  // namespace noports::keys
