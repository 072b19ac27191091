// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/random.hpp"

#include <sodium.h>

#include <cstdlib>

#include "noports/crypto/digest.hpp"

namespace noports::crypto {
namespace {

// libsodium opens the generator once; after that it does not fail. Without randomness there is
// nothing that this program may do.
void ensure_ready() noexcept {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

}  // namespace

void fill_random(std::span<std::byte> bytes) noexcept {
  ensure_ready();
  if (!bytes.empty()) randombytes_buf(bytes.data(), bytes.size());
}

Secret random_secret(std::size_t size) {
  Secret secret(size);
  fill_random(secret.writable());
  return secret;
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  fill_random(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

std::string random_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // variant 10
  std::string uuid = hex(bytes);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) uuid.insert(dash, 1, '-');
  return uuid;
}

std::string random_nonce() { return hex(random_bytes(16)); }

std::uint32_t random_below(std::uint32_t bound) {
  ensure_ready();
  return randombytes_uniform(bound);
}

}  // namespace noports::crypto
