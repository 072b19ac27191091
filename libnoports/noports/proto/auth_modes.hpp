// SPDX-License-Identifier: BSD-3-Clause
// What the client tells a relay of how each side will authenticate, so that the relay need not find
// out by waiting (noports-newer.md 9.3).
#pragma once

#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/proto/lease.hpp"
#include "noports/proto/session_id.hpp"

namespace noports::proto {

struct AuthModes {
  SessionId session;
  std::string relay_nonce;  // of the relay's answer: says that the sender has read it
  RelayAuthMode client = RelayAuthMode::payload, device = RelayAuthMode::payload;
  bool operator==(const AuthModes&) const = default;
};

std::string encode(const AuthModes& modes);
// bad_syntax names the member; all four are mandatory. Whether the sender is the session's client
// is for the caller to check.
Result<AuthModes> decode_auth_modes(std::string_view json);

}  // namespace noports::proto
