// SPDX-License-Identifier: BSD-3-Clause
// Hashes in the forms that the protocols use.
#pragma once

#include <string>
#include <string_view>

namespace noports::crypto {

std::string sha256(std::string_view bytes);  // 32 bytes
std::string sha512(std::string_view bytes);  // 64 bytes
std::string md5(std::string_view bytes);     // 16 bytes; only for pubKeyCS, which protects nothing
std::string hex(std::string_view bytes);     // lower case

// CRAM: lower-case hex of SHA-512 over secret and challenge (keys-and-enrollment.md 2.8).
std::string cram_digest(std::string_view secret, std::string_view challenge);

}  // namespace noports::crypto
