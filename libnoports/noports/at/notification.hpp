// SPDX-License-Identifier: BSD-3-Clause
// The JSON that a monitor connection pushes (atprotocol-wire.md 3.14).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "noports/at/verb.hpp"
#include "noports/base/result.hpp"

namespace noports::at {

struct Notification {
  std::string id;        // "-1": statistics
  std::string from, to;  // as sent, with '@'
  std::string key;       // "@bob:request.lab.sshnp@alice"
  std::optional<std::string> value;
  Operation operation = Operation::update;
  std::int64_t epoch_millis = 0;  // when the receiver's server stored it
  bool is_text = false;
  std::optional<bool> is_encrypted;
  std::optional<std::string> enc_key_name, enc_algo, iv_nonce, ske_enc_key_name, ske_enc_algo,
      shared_key_enc, pub_key_cs;

  bool operator==(const Notification&) const = default;
};

// Members in the order of the reference; absent metadata members are null, an absent isEncrypted or
// pubKeyCS is left out, and statistics (id "-1") have null for the whole metadata when they have
// none.
std::string encode(const Notification& notification);
// Unknown members are ignored; the text "null" in metadata (catch-up form) means absent.
Result<Notification> decode_notification(std::string_view json);

}  // namespace noports::at
