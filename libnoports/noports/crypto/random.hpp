// SPDX-License-Identifier: BSD-3-Clause
// Random bytes of the operating system's generator (through libsodium). Never fails once started.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "noports/crypto/secret.hpp"

namespace noports::crypto {

void fill_random(std::span<std::byte> bytes) noexcept;
Secret random_secret(std::size_t size);
std::string random_bytes(std::size_t size);       // for what is not secret: IVs, challenges
std::string random_uuid();                        // version 4, lower case (RFC 4122, 4.4)
std::string random_nonce();                       // 128 bits as 32 hex digits
std::uint32_t random_below(std::uint32_t bound);  // uniform in [0, bound)

}  // namespace noports::crypto
