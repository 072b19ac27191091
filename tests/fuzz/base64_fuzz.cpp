// SPDX-License-Identifier: BSD-3-Clause
// What decodes is the one encoding of its bytes, but for blanks behind it; both decoders agree.
#include <cstdint>
#include <cstdlib>

#include "noports/crypto/base64.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports::crypto;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto bytes = base64_decode(text);
  const auto secret = base64_decode_secret(text);
  if (bytes.has_value() != secret.has_value()) std::abort();
  if (!bytes) return 0;
  const auto again = base64(*bytes);
  const auto rest = text.substr(again.size() <= size ? again.size() : size);
  if (!text.starts_with(again) || rest.find_first_not_of(" \t\r\n") != rest.npos) std::abort();
  if (secret->text() != *bytes || base64_secret(secret->bytes()).text() != again) std::abort();
  return 0;
}
