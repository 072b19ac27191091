// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/rsa.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "noports/crypto/base64.hpp"
#include "support/vectors.hpp"

using namespace noports;
using namespace noports::crypto;

namespace {

std::string text_of(const nlohmann::ordered_json& value) { return value.get<std::string>(); }

PrivateKey bob() {
  return PrivateKey::parse(
             text_of(test::vectors("keys.json")["bob"]["defaultEncryption"]["privateKey"]))
      .value();
}

bool error_queue_is_empty() { return ERR_peek_error() == 0; }

}  // namespace

// vectors/keys.json of keys-and-enrollment.md 6
TEST_CASE("keys of the field are read and written back unchanged", "[crypto][rsa][vectors]") {
  const auto keys = test::vectors("keys.json");
  const nlohmann::ordered_json pairs[] = {
      keys["alice"]["defaultEncryption"], keys["alice"]["firstEnrollment"]["apkam"],
      keys["alice"]["secondEnrollment"]["apkam"], keys["bob"]["defaultEncryption"]};
  for (const auto& pair : pairs) {
    const auto key = PrivateKey::parse(text_of(pair["privateKey"]));
    REQUIRE(key);
    CHECK(key->text().text() == text_of(pair["privateKey"]));
    CHECK(key->public_key().text() == text_of(pair["publicKey"]));
    CHECK(key->public_key().bits() == 2048);
    CHECK(PublicKey::parse(text_of(pair["publicKey"]) + "\n")->text() ==
          text_of(pair["publicKey"]));
  }
}

// noports-wire.md 19.1 and 19.5
TEST_CASE("wrapped session keys are opened", "[crypto][rsa][vectors]") {
  const auto t = test::vectors("key_t.json");
  const auto key = PrivateKey::parse(text_of(t["privateKey"]));
  REQUIRE(key);
  CHECK(key->public_key().text() == text_of(t["publicKey"]));
  CHECK(key->public_key().checksum() == text_of(t["pubKeyCS"]));
  for (const std::string name : {"Key", "Iv"}) {
    const auto wrapped = base64_decode(text_of(t["wrappedSession" + name]));
    CHECK(key->decrypt(*wrapped).value().text() == text_of(t["session" + name]));
  }
}

// vectors/sharing.json of keys-and-enrollment.md 6
TEST_CASE("shared keys are opened by both sides", "[crypto][rsa][vectors]") {
  const auto sharing = test::vectors("sharing.json");
  const auto alice = PrivateKey::parse(
      text_of(test::vectors("keys.json")["alice"]["defaultEncryption"]["privateKey"]));
  const auto own = base64_decode(text_of(sharing["ownCopy"]["value"]));
  const auto theirs = base64_decode(text_of(sharing["theirCopy"]["value"]));
  CHECK(alice->decrypt(*own).value().text() == text_of(sharing["sharedKeyB64"]));
  CHECK(bob().decrypt(*theirs).value().text() == text_of(sharing["sharedKeyB64"]));
  CHECK(bob().public_key().checksum() == text_of(sharing["pubKeyCS"]));
}

// vectors/auth.json of keys-and-enrollment.md 6
TEST_CASE("signatures are the ones that everybody makes", "[crypto][rsa][vectors]") {
  const auto auth = test::vectors("auth.json");
  const auto& pkam = auth["pkam"];
  const auto key = PrivateKey::parse(text_of(pkam["privateKey"]));
  const auto challenge = text_of(pkam["challenge"]);
  CHECK(base64(key->sign(challenge).value()) == text_of(pkam["signatureSha256"]));
  CHECK(base64(key->sign(challenge, Hash::sha512).value()) == text_of(pkam["signatureSha512"]));
  const auto sha512 = base64_decode(text_of(pkam["signatureSha512"]));
  CHECK(key->public_key().verify(challenge, *sha512, Hash::sha512));
  CHECK_FALSE(key->public_key().verify(challenge, *sha512, Hash::sha256));

  const auto& data = auth["dataSignature"];
  CHECK(PublicKey::parse(text_of(data["publicKey"]))
            ->verify(text_of(data["value"]), *base64_decode(text_of(data["signature"]))));
}

TEST_CASE("a changed message or signature does not verify", "[crypto][rsa][hostile]") {
  const auto key = bob();
  auto signature = key.sign("message").value();
  REQUIRE(key.public_key().verify("message", signature));
  CHECK_FALSE(key.public_key().verify("messagE", signature));
  CHECK_FALSE(key.public_key().verify("", signature));
  CHECK_FALSE(key.public_key().verify("message", ""));
  CHECK_FALSE(key.public_key().verify("message", signature + '\0'));
  CHECK_FALSE(key.public_key().verify("message", signature.substr(1)));
  CHECK_FALSE(key.public_key().verify("message", std::string(256, '\xff')));
  signature[100] = static_cast<char>(signature[100] ^ 1);
  CHECK_FALSE(key.public_key().verify("message", signature));
  CHECK(error_queue_is_empty());
}

TEST_CASE("what is encrypted is decrypted, up to the limit of the key", "[crypto][rsa]") {
  const auto key = bob();
  const auto size = GENERATE(as<std::size_t>{}, 0, 1, 44, 245);
  CAPTURE(size);
  const std::string text(size, 'k');
  const auto sealed = key.public_key().encrypt(text);
  REQUIRE(sealed);
  CHECK(sealed->size() == 256);
  CHECK(key.decrypt(*sealed).value().text() == text);
  CHECK(*sealed != key.public_key().encrypt(text).value());
  CHECK(key.public_key().encrypt(std::string(246, 'k')).error().code() == Errc::bad_syntax);
}

TEST_CASE("a wrong ciphertext is one and the same error", "[crypto][rsa][hostile]") {
  const auto key = bob();
  const auto good = key.public_key().encrypt("secret").value();
  auto changed = good;
  changed[10] = static_cast<char>(changed[10] ^ 1);
  const auto bytes = GENERATE_COPY(as<std::string>{}, "", "x", good.substr(1), good + "x",
                                   std::string(256, '\xff'), changed);
  const auto opened = key.decrypt(bytes);
  // Newer versions of OpenSSL answer a wrong padding with random text instead.
  CHECK((!opened || opened->text() != "secret"));
  if (!opened) {
    CHECK(opened.error().code() == Errc::bad_syntax);
    CHECK(opened.error().what() == "RSA: cannot be decrypted");
  }
  CHECK(error_queue_is_empty());
}

TEST_CASE("keys that are not ours to use are refused", "[crypto][rsa][hostile]") {
  const auto refused = test::vectors("rsa_refused.json");
  for (const auto& [name, text] : refused["public"].items()) {
    CAPTURE(text["name"]);
    const auto key = PublicKey::parse(text_of(text["text"]));
    REQUIRE_FALSE(key);
    CHECK(key.error().code() == Errc::bad_syntax);
    CHECK(error_queue_is_empty());
  }
  for (const auto& [name, text] : refused["private"].items()) {
    CAPTURE(text["name"]);
    const auto key = PrivateKey::parse(text_of(text["text"]));
    REQUIRE_FALSE(key);
    CHECK(key.error().code() == Errc::bad_syntax);
    CHECK(error_queue_is_empty());
  }
  CHECK_FALSE(PublicKey::parse(std::string(1 << 20, 'A')));
  CHECK_FALSE(PrivateKey::parse(std::string(1 << 20, 'A')));
}

TEST_CASE("a key whose numbers are nonsense fails as a value", "[crypto][rsa][hostile]") {
  const auto even = PublicKey::parse(text_of(test::vectors("rsa_refused.json")["evenModulus"]));
  if (!even) return;
  CHECK_FALSE(even->encrypt("secret"));
  CHECK_FALSE(even->verify("message", std::string(256, 'x')));
  CHECK(error_queue_is_empty());
}

TEST_CASE("a new key is a pair of 2048 bits that survives its text form", "[crypto][rsa]") {
  const auto made = PrivateKey::generate();
  REQUIRE(made);
  CHECK(made->public_key().bits() == 2048);
  CHECK(made->public_key().text().size() == 392);
  CHECK(error_queue_is_empty());
  const auto read = PrivateKey::parse(made->text().text());
  REQUIRE(read);
  CHECK(read->public_key().text() == made->public_key().text());
  CHECK(made->public_key().verify("x", read->sign("x").value()));
}

TEST_CASE("one key serves several threads at once", "[crypto][rsa]") {
  const auto key = bob();
  const auto expected = key.sign("message").value();
  std::vector<int> good(4, 0);
  std::vector<std::thread> threads;
  for (auto& count : good) {
    threads.emplace_back([&, key] {
      for (int i = 0; i < 20; ++i) {
        const auto opened = key.decrypt(key.public_key().encrypt("text").value());
        count += key.sign("message").value() == expected && opened->text() == "text";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == std::vector<int>(4, 20));
}
