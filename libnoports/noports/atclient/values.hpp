// SPDX-License-Identifier: BSD-3-Clause
// Values as they travel and lie in stores: encrypted, in base64, with what is said about them
// (noports-wire.md 3.2, keys-and-enrollment.md 2.9, 2.10). Values only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/metadata.hpp"
#include "noports/at/notification.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atclient {

// A value encrypted under a symmetric key, both members base64; the IV is fresh.
struct Sealed {
  std::string value;
  std::string iv;
};

// bad_syntax for an empty text: the deployed readers cannot decrypt one.
Result<Sealed> seal(const crypto::Secret& key, std::string_view text);

// `iv` absent means zeros, as in values of older writers. One bad_syntax for whatever is wrong.
Result<std::string> unseal(const crypto::Secret& key, std::string_view value,
                           const std::optional<std::string>& iv);

// What is said about an encrypted value that decides how, and whether, it is read.
struct Sealing {
  std::optional<bool> is_encrypted;
  std::optional<std::string> iv, enc_algo, ske_enc_algo, shared_key_enc, pub_key_cs;
  bool operator==(const Sealing&) const = default;
};
Sealing sealing_of(const at::Notification& notification);

// refused when the value is declared plain text (NoPorts has no plain notifications, and one could
// come from anybody on the way) or encrypted in a way that is not ours.
Result<void> check(const Sealing& sealing, bool may_be_undeclared);

// The answer of lookup:all: and llookup:all: (atprotocol-wire.md 3.7). Unknown members are ignored.
struct StoredRecord {
  std::optional<std::string> data;  // absent: expired
  Sealing sealing;
  bool operator==(const StoredRecord&) const = default;
};
Result<StoredRecord> decode_record(std::string_view json);
std::string encode(const StoredRecord& record);

// The answer of scan: an array of texts.
Result<std::vector<std::string>> decode_keys(std::string_view json);

}  // namespace noports::atclient
