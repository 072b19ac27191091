// SPDX-License-Identifier: BSD-3-Clause
// Keys from passphrases: Argon2id, version 0x13 (RFC 9106).
#pragma once

#include <cstdint>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::crypto {

// What one derivation costs. Files name their costs, so these are a stranger's words until
// argon2id() has looked at them.
struct Argon2Cost {
  std::uint64_t memory = 0;  // KiB, from 8 for each lane up to kMostArgon2Memory
  std::uint64_t passes = 0;  // over that memory, 1 or more
  std::uint64_t lanes = 0;   // 1 to kMostArgon2Lanes; computed one after the other
  bool operator==(const Argon2Cost&) const = default;
};

// Four times the 64 MiB of RFC 9106's second recommendation (4): what a small device can still
// spare for a moment.
inline constexpr std::uint64_t kMostArgon2Memory = 256 * 1024;  // KiB
// Memory times passes: about a second of work, where usual files need a hundredth of it.
inline constexpr std::uint64_t kMostArgon2Work = 1024 * 1024;  // KiB
inline constexpr std::uint64_t kMostArgon2Lanes = 16;

inline constexpr std::size_t kArgon2KeySize = 32;  // bytes

// bad_syntax when argon2id() would refuse the cost; the sentence names the bound.
Result<void> check(const Argon2Cost& cost);

// 32 bytes. Any salt but an empty one, also those under RFC 9106's 8 bytes that old key files have
// (keys-and-enrollment.md 1.7). Slow by design: call it through net::offload. busy when memory is
// short.
Result<Secret> argon2id(const Secret& password, std::string_view salt, const Argon2Cost& cost);

}  // namespace noports::crypto
