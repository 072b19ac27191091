// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/enc_file.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "noports/base/text.hpp"

namespace noports::crypto {
namespace {

constexpr std::size_t kSalt = 8, kBlock = 16, kKey = 32;  // bytes
constexpr int kIterations = 1'000'000;                    // of the documented command

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<Secret> open_enc_file(std::string_view bytes, const Secret& password) {
  std::string_view rest = bytes;
  constexpr std::string_view kNone = "it is no file of openssl enc -salt";
  if (!take(rest, "Salted__") || rest.size() < kSalt + kBlock) {
    return fail(Errc::bad_syntax, std::string(kNone));
  }
  const auto salt = rest.substr(0, kSalt);
  rest.remove_prefix(kSalt);
  if (rest.size() % kBlock != 0 || rest.size() > (std::size_t{1} << 24)) {
    return fail(Errc::bad_syntax, std::string(kNone));
  }

  std::array<unsigned char, kKey + kBlock> made{};  // the key, and the IV behind it
  const auto typed = password.text();
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  if (!context ||
      PKCS5_PBKDF2_HMAC(typed.data(), static_cast<int>(typed.size()), octets(salt), kSalt,
                        kIterations, EVP_sha256(), made.size(), made.data()) != 1) {
    throw std::runtime_error("PBKDF2 failed");
  }
  Secret plain(rest.size());
  auto* const out = reinterpret_cast<unsigned char*>(plain.writable().data());
  int size = 0, last = 0;
  const bool opened = EVP_DecryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, made.data(),
                                         made.data() + kKey) == 1 &&
                      EVP_DecryptUpdate(context.get(), out, &size, octets(rest),
                                        static_cast<int>(rest.size())) == 1 &&
                      EVP_DecryptFinal_ex(context.get(), out + size, &last) == 1;
  wipe(std::as_writable_bytes(std::span(made)));
  if (!opened) return fail(Errc::config, "the password is wrong, or the file is damaged");
  plain.truncate(static_cast<std::size_t>(size + last));
  return plain;
}

}  // namespace noports::crypto
