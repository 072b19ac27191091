// SPDX-License-Identifier: BSD-3-Clause
// A key and a signature that a peer chooses, a line break between them: nothing but a refusal
// comes of them, and nothing stays in OpenSSL's queue of errors.
#include "noports/crypto/p256.hpp"

#include <openssl/err.h>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports::crypto;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = input.find('\n');
  const auto key = P256PublicKey::parse(input.substr(0, end));
  if (key && end != input.npos) {
    const auto signature = p256_signature(input.substr(end + 1));
    if (signature && signature->size() != 64) std::abort();
    // Its private half is nowhere in the corpus.
    if (signature && key->verify("another text than any that was signed", *signature)) std::abort();
  }
  if (ERR_peek_error() != 0) std::abort();
  return 0;
}
