// SPDX-License-Identifier: BSD-3-Clause
#include "noports/keys/keyfile.hpp"

#include <catch2/catch.hpp>

#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "support/vectors.hpp"

using namespace noports;
using Json = nlohmann::ordered_json;

namespace {

at::Atsign alice() { return at::Atsign::parse("@alice").value(); }

Json dart_file() { return test::vectors("alice_key.dart.atKeys"); }

// What the key file's member `name` would be for the clear text.
std::string sealed(const std::string& text) {
  const auto self = crypto::base64_decode_secret(
      test::vectors("atkeys.json")["plain"]["selfEncryptionKey"].get<std::string>());
  return crypto::base64(crypto::encrypt_value(self->bytes(), crypto::kZeroIv, text).value());
}

// decode() refuses the file and says `what`.
void refuses(const Json& file, const std::string& what) {
  CAPTURE(what);
  const auto keys = keys::decode(file.dump(), alice());
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code() == Errc::bad_syntax);
  CHECK(keys.error().what() == what);
}

}  // namespace

// vectors/atkeys.json and alice_key.*.atKeys of keys-and-enrollment.md 6
TEST_CASE("the files of all writers hold the same keys", "[keys][keyfile][vectors]") {
  const auto plain = test::vectors("atkeys.json")["plain"];
  const auto writer = GENERATE(as<std::string>{}, "dart", "c", "python");
  CAPTURE(writer);
  const auto keys = keys::decode(test::vector_text("alice_key." + writer + ".atKeys"), alice());
  REQUIRE(keys);
  CHECK(keys->pkam.text().text() == plain["pkamPrivateKey"].get<std::string>());
  CHECK(keys->pkam.public_key().text() == plain["pkamPublicKey"].get<std::string>());
  CHECK(keys->encryption.text().text() == plain["encryptPrivateKey"].get<std::string>());
  CHECK(keys->encryption.public_key().text() == plain["encryptPublicKey"].get<std::string>());
  CHECK(crypto::base64(keys->self_encryption.bytes()) ==
        plain["selfEncryptionKey"].get<std::string>());
  const bool enrolled = writer != "python";
  REQUIRE(keys->apkam_symmetric.has_value() == enrolled);
  REQUIRE(keys->enrollment_id.has_value() == enrolled);
  if (!enrolled) return;
  CHECK(crypto::base64(keys->apkam_symmetric->bytes()) ==
        plain["apkamSymmetricKey"].get<std::string>());
  CHECK(*keys->enrollment_id == plain["enrollmentId"].get<std::string>());
}

// keys-and-enrollment.md 1.2: re-writing a file reproduces it byte for byte
TEST_CASE("a Dart file is written back byte for byte", "[keys][keyfile][vectors]") {
  const auto text = test::vector_text("alice_key.dart.atKeys");
  CHECK(keys::encode(keys::decode(text).value(), alice()).text() == text);
}

// keys-and-enrollment.md 1.4: the members of the other writers, in the order of ours
TEST_CASE("the files of the C and Python writers become the Dart writer's",
          "[keys][keyfile][vectors]") {
  const auto written = [](const std::string& name) {
    const auto keys = keys::decode(test::vector_text(name), alice());
    return std::string(keys::encode(*keys, alice()).text());
  };
  CHECK(written("alice_key.c.atKeys") == test::vector_text("alice_key.dart.atKeys"));
  auto classic = dart_file();
  classic.erase("apkamSymmetricKey");
  classic.erase("enrollmentId");
  CHECK(written("alice_key.python.atKeys") == classic.dump());
}

// keys-and-enrollment.md 1.4: sorted, pretty printed, blanks on both sides of the colon
TEST_CASE("the file of the Java writer holds the same keys", "[keys][keyfile][vectors]") {
  const auto dart = dart_file();
  std::string java = "{";
  for (const auto* member : {"aesEncryptPrivateKey", "aesEncryptPublicKey", "aesPkamPrivateKey",
                             "aesPkamPublicKey", "selfEncryptionKey"}) {
    java += java.size() == 1 ? "\n  " : ",\n  ";
    java += "\"" + std::string(member) + "\" : " + dart[member].dump();
  }
  java += "\n}";
  const auto keys = keys::decode(java, alice());
  REQUIRE(keys);
  const auto python = keys::decode(test::vector_text("alice_key.python.atKeys"));
  CHECK(keys::encode(*keys, alice()).text() == keys::encode(*python, alice()).text());
}

// keys-and-enrollment.md 1.4: Java, and the key files of 2021 to 2023
TEST_CASE("a sorted, pretty printed file without enrolment is read", "[keys][keyfile][vectors]") {
  auto file = nlohmann::json::parse(test::vector_text("alice_key.dart.atKeys"));
  file.erase("apkamSymmetricKey");
  file.erase("enrollmentId");
  const auto old_app = keys::decode(file.dump(), alice());
  REQUIRE(old_app);
  CHECK_FALSE(old_app->enrollment_id);
  CHECK_FALSE(old_app->apkam_symmetric);
  file.erase("@alice");
  CHECK(keys::decode("\xef\xbb\xbf\r\n" + file.dump(2) + "\r\n", alice()));
  const auto again = keys::encode(*old_app, alice());
  CHECK(again.text().find("enrollmentId") == std::string_view::npos);
  CHECK(again.text().find("apkamSymmetricKey") == std::string_view::npos);
}

TEST_CASE("capitals of member names do not matter", "[keys][keyfile]") {
  const Json original = dart_file();
  Json file;
  for (const auto& [name, value] : original.items()) {
    std::string capitals = name;
    std::transform(name.begin(), name.end(), capitals.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    file[capitals] = value;
  }
  const auto keys = keys::decode(file.dump(), alice());
  REQUIRE(keys);
  CHECK(keys->enrollment_id);
}

TEST_CASE("an empty enrolment is no enrolment", "[keys][keyfile]") {
  auto file = dart_file();
  const Json nothing = GENERATE(Json(), Json(""), Json("null"));
  file["enrollmentId"] = nothing;
  file["apkamSymmetricKey"] = nothing;
  const auto keys = keys::decode(file.dump());
  REQUIRE(keys);
  CHECK_FALSE(keys->enrollment_id);
  CHECK_FALSE(keys->apkam_symmetric);
}

TEST_CASE("the owner's name is written as JSON, whatever is in it", "[keys][keyfile]") {
  const auto keys = keys::decode(test::vector_text("alice_key.dart.atKeys"));
  const auto name = GENERATE(as<std::string>{}, "@alice\xf0\x9f\x9b\xa0", "@a\"b", "@a\\b");
  CAPTURE(name);
  const auto owner = at::Atsign::parse(name).value();
  const auto text = keys::encode(*keys, owner);
  CHECK(Json::parse(text.text()).contains(name));
  CHECK(keys::decode(text.text(), owner));
}

TEST_CASE("the keys of somebody else are not taken", "[keys][keyfile][hostile]") {
  const auto text = test::vector_text("alice_key.dart.atKeys");
  CHECK(keys::decode(text));
  const auto keys = keys::decode(text, at::Atsign::parse("@bob").value());
  REQUIRE_FALSE(keys);
  CHECK(keys.error().what() == "these are not the keys of @bob");
}

TEST_CASE("what is missing or malformed is named, never shown", "[keys][keyfile][hostile]") {
  const auto member = GENERATE(as<std::string>{}, "aesPkamPublicKey", "aesPkamPrivateKey",
                               "aesEncryptPublicKey", "aesEncryptPrivateKey");
  auto file = dart_file();
  file[member] = "====";
  refuses(file, member + " is not base64");
  file[member] = "AAAA";
  refuses(file, member + " cannot be decrypted with selfEncryptionKey");
  file[member] = Json();
  refuses(file, member + " is missing");
  file[member] = 7;
  refuses(file, member + " is no string");
  file.erase(member);
  refuses(file, member + " is missing");
}

TEST_CASE("symmetric keys have 32 bytes", "[keys][keyfile][hostile]") {
  const auto member = GENERATE(as<std::string>{}, "selfEncryptionKey", "apkamSymmetricKey");
  const auto value = GENERATE(as<std::string>{}, "AAAA", "not base64",
                              "P+JMiBIwCfoUmdqvOrrslag6xf/GTUUsHCFRvDcKn4A");
  auto file = dart_file();
  file[member] = value;
  refuses(file, member + " is not base64 of 32 bytes");
}

TEST_CASE("an enrolment id cannot smuggle a command", "[keys][keyfile][hostile]") {
  const auto id =
      GENERATE(as<std::string>{}, "a b", "a:b", "a\nscan", "\xc3\xa9", std::string(129, 'a'));
  auto file = dart_file();
  file["enrollmentId"] = id;
  refuses(file, "enrollmentId is no enrolment id");
}

TEST_CASE("halves that do not belong together are refused", "[keys][keyfile][hostile]") {
  auto file = dart_file();
  file["aesPkamPublicKey"] = file["aesEncryptPublicKey"];
  refuses(file, "aesPkamPublicKey does not belong to aesPkamPrivateKey");
  file = dart_file();
  file["aesPkamPrivateKey"] = sealed("MIIB");
  refuses(file, "aesPkamPrivateKey: private key: not a PKCS#8 key");
  // One byte of the private exponent and of the numbers that make it quick.
  auto plain = test::vectors("atkeys.json")["plain"]["pkamPrivateKey"].get<std::string>();
  for (const auto at : {500u, 900u, 1100u, 1300u, 1500u}) {
    plain[at] = plain[at] == 'A' ? 'B' : 'A';
  }
  file = dart_file();
  file["aesPkamPrivateKey"] = sealed(plain);
  refuses(file, "aesPkamPrivateKey is damaged");
}

TEST_CASE("what is no JSON object is no key file", "[keys][keyfile][hostile]") {
  const auto text = GENERATE(as<std::string>{}, "", " \n", "null", "[]", "\"x\"", "{", "{}}",
                             "{\"a\":}", "PEM", std::string(100000, '['), std::string(1 << 21, ' '),
                             std::string("\0\0", 2), "{\"\xff\":1}", "\xef\xbb\xbf");
  const auto keys = keys::decode(text);
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code() == Errc::bad_syntax);
  CHECK(keys::decode("{}").error().what() == "selfEncryptionKey is missing");
}
