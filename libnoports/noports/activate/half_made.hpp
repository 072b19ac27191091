// SPDX-License-Identifier: BSD-3-Clause
// An enrolment that waits for its approval: its secrets, kept in a file so that nothing is lost
// when the program ends meanwhile (keys-and-enrollment.md 4.4, 7.4).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/keys/keys.hpp"

namespace noports::activate {

struct HalfMade {
  at::Atsign self;
  std::string app_name, device_name;  // without line breaks
  std::string id;                     // empty: not submitted, or the answer never came
  std::string owner_key;              // base64, the atSign's public key; empty like the id
  crypto::PrivateKey pkam;
  crypto::Secret symmetric;  // 32 bytes

  // What logs in to see whether it is approved: there are no other keys yet.
  keys::Keys for_login() const;
};

crypto::Secret encode(const HalfMade& half);
Result<HalfMade> decode_half_made(std::string_view text);

// "<key file>.pending"
std::filesystem::path pending_path(const std::filesystem::path& key_file);

// not_set_up when there is none; config when it is unreadable or of another atSign.
Result<HalfMade> load_half_made(const std::filesystem::path& path, const at::Atsign& self);
// 0600 and durable, over an earlier one.
Result<void> save(const HalfMade& half, const std::filesystem::path& path);

}  // namespace noports::activate
