// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/digest.hpp"

#include <initializer_list>

#include "noports/crypto/openssl.hpp"

namespace noports::crypto {
namespace {

using openssl::require;

// Fetched once for the life of the process: looking an algorithm up costs more than a short hash.
const EVP_MD* fetch(const char* name) {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
  require(algorithm != nullptr, name);
  return algorithm;
}

const EVP_MD* sha512_algorithm() {
  static const EVP_MD* const algorithm = fetch("SHA2-512");
  return algorithm;
}

// Of the pieces one after the other, so that a secret among them need not be copied.
std::string digest(const EVP_MD* algorithm, std::initializer_list<std::string_view> pieces) {
  const openssl::QuietErrors quiet;
  const openssl::DigestContext context(EVP_MD_CTX_new());
  require(context && EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1, "digest");
  for (const auto piece : pieces) {
    require(EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1, "digest");
  }
  std::string result(static_cast<std::size_t>(EVP_MD_get_size(algorithm)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(result.data());
  require(EVP_DigestFinal_ex(context.get(), out, nullptr) == 1, "digest");
  return result;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  static const EVP_MD* const algorithm = fetch("SHA2-256");
  return digest(algorithm, {bytes});
}

std::string sha512(std::string_view bytes) { return digest(sha512_algorithm(), {bytes}); }

std::string md5(std::string_view bytes) {
  static const EVP_MD* const algorithm = fetch("MD5");
  return digest(algorithm, {bytes});
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string cram_digest(std::string_view secret, std::string_view challenge) {
  return hex(digest(sha512_algorithm(), {secret, challenge}));
}

}  // namespace noports::crypto
