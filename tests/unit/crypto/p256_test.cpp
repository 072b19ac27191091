// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/p256.hpp"

#include <catch2/catch.hpp>

#include "noports/crypto/base64.hpp"
#include "support/vectors.hpp"

using namespace noports;
using crypto::P256PublicKey;

namespace {

std::string ecc(const char* name) {
  static const auto all = test::vectors("auth.json").at("pkamEcc");
  return all.at(name).get<std::string>();
}

std::string signature() {
  return *crypto::p256_signature(*crypto::base64_decode(ecc("signatureOnWire")));
}

}  // namespace

// keys-and-enrollment.md 2.7
TEST_CASE("a signature of a secure element is checked", "[crypto][p256][vectors]") {
  const auto key = P256PublicKey::parse(ecc("publicKeyHex"));
  REQUIRE(key);
  CHECK(key->verify(ecc("challenge"), signature()));
  CHECK(signature().size() == 64);
  CHECK(*crypto::p256_signature(signature()) == signature());
}

TEST_CASE("no other text, signature or length is accepted by a P-256 key",
          "[crypto][p256][hostile]") {
  const auto key = *P256PublicKey::parse(ecc("publicKeyHex"));
  CHECK_FALSE(key.verify(ecc("challenge") + " ", signature()));
  for (std::size_t i = 0; i < signature().size(); ++i) {
    auto changed = signature();
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(key.verify(ecc("challenge"), changed));
  }
  for (const std::size_t size : {0U, 1U, 32U, 63U, 65U, 128U}) {
    CHECK_FALSE(key.verify(ecc("challenge"), std::string(size, 'x')));
  }
  // R and S of nothing, and above the order of the curve.
  CHECK_FALSE(key.verify(ecc("challenge"), std::string(64, '\0')));
  CHECK_FALSE(key.verify(ecc("challenge"), std::string(64, '\xff')));
}

TEST_CASE("only points of the curve are P-256 keys", "[crypto][p256][hostile]") {
  const auto good = ecc("publicKeyHex");
  CHECK(P256PublicKey::parse(" " + good + "\n"));
  for (const auto& text :
       {std::string(), good.substr(1), good + "0", "05" + good.substr(2), "02" + good.substr(2),
        "04" + std::string(128, '0'), "04" + std::string(128, 'f'), std::string(130, 'g'),
        good.substr(0, 129) + (good.back() == '0' ? "1" : "0"), std::string(130, '0')}) {
    CAPTURE(text);
    const auto key = P256PublicKey::parse(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().code() == Errc::bad_syntax);
  }
}

TEST_CASE("what carries a P-256 signature has 64 bytes or 128 digits", "[crypto][p256][hostile]") {
  for (const auto& text : {std::string(), std::string(63, 'a'), std::string(65, 'a'),
                           std::string(127, 'a'), std::string(128, 'g'), std::string(130, 'a')}) {
    CHECK_FALSE(crypto::p256_signature(text));
  }
}
