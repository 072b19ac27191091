// SPDX-License-Identifier: BSD-3-Clause
// What is accepted as a public key is accepted again from its text, and is safe to use: a peer
// chooses every number in it. The input is DER, or base64 where it is text already.
#include <openssl/err.h>

#include <cstdint>
#include <cstdlib>

#include "noports/crypto/base64.hpp"
#include "noports/crypto/rsa.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports::crypto;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  auto key = PublicKey::parse(input);
  if (!key) key = PublicKey::parse(base64(input));
  if (key) {
    const auto again = PublicKey::parse(key->text());
    if (!again || again->text() != key->text() || again->bits() != key->bits()) std::abort();
    const auto sealed = key->encrypt("text");
    if (key->verify("text", sealed ? *sealed : "")) std::abort();
  }
  if (ERR_peek_error() != 0) std::abort();
  return 0;
}
