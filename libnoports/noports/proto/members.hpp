// SPDX-License-Identifier: BSD-3-Clause
// Members that several messages share, read with the checks that all of them want. Internal to
// proto.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/proto/json.hpp"
#include "noports/proto/lease.hpp"
#include "noports/proto/session_id.hpp"

namespace noports::proto {

// Longer than any nonce in use (26 or 32 characters), short enough for two in a relay's line.
inline constexpr std::size_t kNonceLimit = 256;

std::string_view name(RelayAuthMode mode) noexcept;  // "payload", "escr"

// Each complains to `in` and returns nothing (or the default) when the member does not fit.
std::optional<SessionId> read_session_id(json::Object& in);
std::optional<at::Atsign> read_atsign(json::Object& in, std::string_view member);
RelayAuthMode read_auth_mode(json::Object& in);  // relayAuthMode; payload when absent
RelayAuthMode read_auth_mode(json::Object& in, std::string_view member);
std::optional<std::string> read_auth_aes_key(json::Object& in);  // base64 of 32 bytes, or absent

}  // namespace noports::proto
