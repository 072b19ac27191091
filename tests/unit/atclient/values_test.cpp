// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/values.hpp"

#include <catch2/catch.hpp>

#include "noports/crypto/base64.hpp"
#include "support/vectors.hpp"

using namespace noports;
using namespace noports::atclient;

namespace {

crypto::Secret shared_key() {
  const auto text = test::vectors("sharing.json")["sharedKeyB64"].get<std::string>();
  return *crypto::base64_decode_secret(text);
}

}  // namespace

TEST_CASE("a sealed value is read with its own IV and key alone", "[atclient][values]") {
  const auto key = shared_key();
  const auto sealed = seal(key, "ssh-ed25519 AAAA");
  REQUIRE(sealed);
  CHECK(*unseal(key, sealed->value, sealed->iv) == "ssh-ed25519 AAAA");
  const auto again = seal(key, "ssh-ed25519 AAAA");
  CHECK(again->iv != sealed->iv);
  CHECK(again->value != sealed->value);
  const auto other = unseal(crypto::Secret(std::string(32, 'k')), sealed->value, sealed->iv);
  CHECK((!other || *other != "ssh-ed25519 AAAA"));
}

TEST_CASE("an empty value is not sent", "[atclient][values]") {
  CHECK_FALSE(seal(shared_key(), ""));
}

TEST_CASE("values that do not decrypt are all refused with one word",
          "[atclient][values][hostile]") {
  const auto key = shared_key();
  const auto value =
      GENERATE(as<std::string>{}, "", "x", "AAAA", "!!!!", "AAAAAAAAAAAAAAAAAAAAAA==");
  const auto read = unseal(key, value, crypto::base64(std::string(16, 'i')));
  REQUIRE_FALSE(read);
  CHECK(read.error().code() == Errc::bad_syntax);
  CHECK(read.error().what() == "the value cannot be decrypted");
}

TEST_CASE("an IV of the wrong size is refused", "[atclient][values][hostile]") {
  const auto key = shared_key();
  const auto sealed = seal(key, "text");
  CHECK_FALSE(unseal(key, sealed->value, ""));
  CHECK_FALSE(unseal(key, sealed->value, crypto::base64(std::string(17, 'i'))));
  CHECK_FALSE(unseal(key, sealed->value, "not base64"));
}

// sharing.json: made by generate_vectors.py after the Dart and Python implementations.
TEST_CASE("values of the reference are read", "[atclient][values][vectors]") {
  const auto all = test::vectors("sharing.json");
  const auto key = shared_key();
  const auto plain = all["plaintext"].get<std::string>();
  CHECK(*unseal(key, all["sharedZeroIv"]["ciphertext"].get<std::string>(), std::nullopt) == plain);
  const auto with_iv = all["sharedWithIv"];
  CHECK(*unseal(key, with_iv["ciphertext"].get<std::string>(),
                with_iv["ivNonce"].get<std::string>()) == plain);
}

TEST_CASE("plain text is refused where it is declared", "[atclient][values][hostile]") {
  Sealing sealing;
  CHECK(check(sealing, false));  // not said: encrypted
  sealing.is_encrypted = true;
  CHECK(check(sealing, false));
  sealing.is_encrypted = false;
  const auto refused = check(sealing, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Errc::refused);
  CHECK(check(sealing, true));
}

TEST_CASE("other ways of encryption are refused, not misread", "[atclient][values][hostile]") {
  Sealing sealing;
  sealing.enc_algo = "AES/SIC/PKCS7Padding";
  sealing.ske_enc_algo = "RSA";
  CHECK(check(sealing, true));
  sealing.enc_algo = "at/symmetric/AES/GCM";
  CHECK_FALSE(check(sealing, true));
  sealing.enc_algo.reset();
  sealing.ske_enc_algo = "XWING";
  CHECK_FALSE(check(sealing, true));
}

// atprotocol-wire.md 8.6
TEST_CASE("the answer of lookup:all is read in both member orders", "[atclient][values][vectors]") {
  const auto json = GENERATE(
      as<std::string>{},
      R"({"data":"CT","metaData":{"createdBy":"@alice","version":0,"isBinary":false,"isEncrypted":true,"ivNonce":"IV"},"key":"@bob:phone.demo@alice"})",
      R"({"key":"@bob:phone.demo@alice","data":"CT","metaData":{"isEncrypted":true,"ivNonce":"IV","sharedKeyEnc":"null"}})");
  const auto record = decode_record(json);
  REQUIRE(record);
  CHECK(record->data == "CT");
  CHECK(record->sealing.is_encrypted == true);
  CHECK(record->sealing.iv == "IV");
  CHECK_FALSE(record->sealing.shared_key_enc);
  CHECK(*decode_record(encode(*record)) == *record);
}

TEST_CASE("what is no record is refused", "[atclient][values][hostile]") {
  const auto json = GENERATE(as<std::string>{}, "", "null", "[]", "{", "\"x\"", "{\"data\":", "1");
  CHECK_FALSE(decode_record(json));
}

TEST_CASE("members of the wrong type count as absent", "[atclient][values][hostile]") {
  const auto record = decode_record(R"({"data":5,"metaData":{"ivNonce":[],"isEncrypted":"yes"}})");
  REQUIRE(record);
  CHECK(*record == StoredRecord());
  CHECK(decode_record(R"({"data":"x","metaData":7})")->data == "x");
}

TEST_CASE("a list of keys holds texts only", "[atclient][values][hostile]") {
  CHECK(*decode_keys(R"(["a@x","b@x"])") == std::vector<std::string>{"a@x", "b@x"});
  CHECK(decode_keys("[]")->empty());
  const auto json = GENERATE(as<std::string>{}, "", "{}", "[1]", "[\"a\"", "null");
  CHECK_FALSE(decode_keys(json));
}
