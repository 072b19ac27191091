// SPDX-License-Identifier: BSD-3-Clause
// Standard base64 with padding, no line breaks (RFC 4648, 4), constant in time both ways.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::crypto {

std::string base64(std::string_view bytes);
std::string base64(std::span<const std::byte> bytes);
Secret base64_secret(std::span<const std::byte> bytes);  // the text is itself secret

// Trailing blanks are tolerated, anything else outside the alphabet is bad_syntax
// (keys-and-enrollment.md 2.1).
Result<std::string> base64_decode(std::string_view text);
Result<Secret> base64_decode_secret(std::string_view text);

}  // namespace noports::crypto
