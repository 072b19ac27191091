// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/base64.hpp"

#include <sodium.h>

#include <optional>

namespace noports::crypto {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

std::size_t encoded_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

// Into `text`, which has room for encoded_size() characters and a final NUL.
void encode_into(std::span<std::byte> text, std::span<const std::byte> bytes) noexcept {
  sodium_bin2base64(reinterpret_cast<char*>(text.data()), text.size(),
                    reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), kVariant);
}

std::string_view without_trailing_blanks(std::string_view text) noexcept {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

// Enough for any text of that size, and never 0 for one that is not empty: libsodium wants a
// buffer.
std::size_t decoded_room(std::size_t characters) noexcept { return (characters + 3) / 4 * 3; }

// libsodium 1.0.18 takes bytes above 127 for '+' or '/'. Looks at all of them, whatever they are.
bool is_ascii(std::string_view text) noexcept {
  unsigned all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

// How many bytes were written to `bytes`; nothing when the text is not base64.
std::optional<std::size_t> decode_into(std::span<std::byte> bytes, std::string_view text) noexcept {
  if (text.empty()) return 0;
  std::size_t size = 0;
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  const int refused = sodium_base642bin(out, bytes.size(), text.data(), text.size(), nullptr, &size,
                                        nullptr, kVariant);
  if (refused != 0 || !is_ascii(text)) return std::nullopt;
  return size;
}

Unexpected not_base64() { return fail(Errc::bad_syntax, "not base64"); }

}  // namespace

std::string base64(std::string_view bytes) { return base64(std::as_bytes(std::span(bytes))); }

std::string base64(std::span<const std::byte> bytes) {
  std::string text(encoded_size(bytes.size()) + 1, '\0');
  encode_into(std::as_writable_bytes(std::span(text)), bytes);
  text.pop_back();
  return text;
}

Secret base64_secret(std::span<const std::byte> bytes) {
  Secret text(encoded_size(bytes.size()) + 1);
  encode_into(text.writable(), bytes);
  text.truncate(text.size() - 1);
  return text;
}

Result<std::string> base64_decode(std::string_view text) {
  text = without_trailing_blanks(text);
  std::string bytes(decoded_room(text.size()), '\0');
  const auto size = decode_into(std::as_writable_bytes(std::span(bytes)), text);
  if (!size) return not_base64();
  bytes.resize(*size);
  return bytes;
}

Result<Secret> base64_decode_secret(std::string_view text) {
  text = without_trailing_blanks(text);
  Secret bytes(decoded_room(text.size()));
  const auto size = decode_into(bytes.writable(), text);
  if (!size) return not_base64();
  bytes.truncate(*size);
  return bytes;
}

}  // namespace noports::crypto
