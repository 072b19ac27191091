// SPDX-License-Identifier: BSD-3-Clause
#include "noports/keys/passphrase_envelope.hpp"

#include <catch2/catch.hpp>

#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/keys/keyfile.hpp"
#include "support/vectors.hpp"

using namespace noports;
using crypto::Secret;
using keys::EnvelopeForm;
using Json = nlohmann::ordered_json;

namespace {

at::Atsign alice() { return at::Atsign::parse("@alice").value(); }

std::string dart_text() { return test::vector_text("alice_key.dart.atKeys"); }

const std::string kIv = "0123456789abcdef";
const std::string kSalt = "fedcba9876543210";

Json v1_file() { return test::vectors("alice_key.passphrase-v1.atKeys"); }

// decode_envelope() refuses the file and says `why`.
void refuses(const Json& file, const std::string& why) {
  CAPTURE(why);
  const auto envelope = keys::decode_envelope(file.dump());
  REQUIRE_FALSE(envelope);
  CHECK(envelope.error().code() == Errc::bad_syntax);
  CHECK(envelope.error().what() == "the passphrase envelope: " + why);
}

// An envelope around `text` that opens with "secret".
std::string sealed(std::string_view text) {
  return keys::encode(*keys::seal(Secret(text), Secret("secret"), EnvelopeForm::v1, kIv, kSalt));
}

// The error of the whole reader for the file, under the passphrase.
Error decode_error(const std::string& file, const std::string& passphrase) {
  const Secret secret(passphrase);
  auto keys = keys::decode(file, alice(), &secret);
  REQUIRE_FALSE(keys);
  return std::move(keys).error();
}

}  // namespace

// vectors/alice_key.passphrase-*.atKeys of keys-and-enrollment.md 1.7
TEST_CASE("files under a passphrase are opened and sealed byte for byte",
          "[keys][envelope][vectors]") {
  const auto known = test::vectors("atkeys.json")["passphrase"];
  REQUIRE(known.size() >= 2);
  for (const auto& vector : known) {
    const auto name = vector["file"].get<std::string>();
    CAPTURE(name);
    const auto text = test::vector_text(name);
    const Secret passphrase(vector["passphrase"].get<std::string>());
    const auto envelope = keys::decode_envelope(text);
    REQUIRE(envelope);
    CHECK(keys::encode(*envelope) == text);
    const auto opened = keys::open(*envelope, passphrase);
    REQUIRE(opened);
    CHECK(opened->text() == dart_text());
    const auto again =
        keys::seal(*opened, passphrase, envelope->form, envelope->iv, envelope->salt);
    REQUIRE(again);
    CHECK(keys::encode(*again) == text);
    const auto keys = keys::decode(text, alice(), &passphrase);
    REQUIRE(keys);
    CHECK(keys::encode(*keys, alice()).text() == dart_text());
  }
}

// vectors/passphrase_short.json of keys-and-enrollment.md 1.7: the form v0 has short salts
TEST_CASE("a file of the form v0 opens with a short passphrase", "[keys][envelope][vectors]") {
  const auto known = test::vectors("passphrase_short.json");
  REQUIRE(known.size() >= 2);
  for (const auto& vector : known) {
    const Secret passphrase(vector["passphrase"].get<std::string>());
    const auto envelope = keys::seal(Secret("{}"), passphrase, EnvelopeForm::v0, kIv, "");
    REQUIRE(envelope);
    const auto key = crypto::base64_decode_secret(vector["aesKeyB64"].get<std::string>());
    CHECK(crypto::decrypt_value(key->bytes(), kIv, envelope->content)->text() == "{}");
    CHECK(keys::open(*envelope, passphrase)->text() == "{}");
  }
}

// keys-and-enrollment.md 1.7: two units outside the BMP, of each the low byte
TEST_CASE("the salt of the form v0 counts in UTF-16", "[keys][envelope]") {
  const Secret passphrase("\xf0\x9f\x9b\xa0 key");  // U+1F6E0 is D83D DEE0
  const auto envelope = keys::seal(Secret("{}"), passphrase, EnvelopeForm::v0, kIv, "");
  const auto key = crypto::argon2id(passphrase, "\x3d\xe0 key", {10000, 2, 2});
  CHECK(crypto::decrypt_value(key->bytes(), kIv, envelope->content)->text() == "{}");
}

TEST_CASE("a wrong passphrase is called so, however it shows", "[keys][envelope][hostile]") {
  const auto form = GENERATE(as<std::string>{}, "v0", "v0-nonascii", "v1");
  const auto file = test::vector_text("alice_key.passphrase-" + form + ".atKeys");
  const auto error = decode_error(file, "wrong");
  CHECK(error.code() == Errc::config);
  CHECK(error.what() == keys::kWrongPassphrase);
  // What a padding that looks right by chance leaves.
  const auto garbage = GENERATE(as<std::string>{}, "garbage", "[]", "", "\"x\"", "{\"\xff\":1}");
  CHECK(decode_error(sealed(garbage), "secret").what() == keys::kWrongPassphrase);
}

TEST_CASE("a passphrase is UTF-8 and not empty", "[keys][envelope][hostile]") {
  const auto file = test::vector_text("alice_key.passphrase-v0.atKeys");
  CHECK(decode_error(file, "").what() == "the passphrase is empty");
  const auto broken =
      GENERATE(as<std::string>{}, "\xff", "a\xc3", "\xed\xa0\x80", "\xf0\x9f\x9b", "\xc0\x80");
  CHECK(decode_error(file, broken).what() == "the passphrase is no UTF-8");
  CHECK_FALSE(keys::seal(Secret("{}"), Secret(broken), EnvelopeForm::v1, kIv, kSalt));
}

TEST_CASE("without a passphrase the file is named as protected", "[keys][envelope]") {
  const auto form = GENERATE(as<std::string>{}, "v0", "v0-nonascii", "v1");
  const auto keys = keys::decode(test::vector_text("alice_key.passphrase-" + form + ".atKeys"));
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code() == Errc::config);
  CHECK(keys.error().what() == "the key file is protected with a passphrase, and none was given");
}

TEST_CASE("a plain file does not mind a passphrase", "[keys][envelope]") {
  const Secret passphrase("anything");
  CHECK(keys::decode(dart_text(), alice(), &passphrase));
}

TEST_CASE("what is inside an envelope is read as strictly as a plain file",
          "[keys][envelope][hostile]") {
  CHECK(decode_error(sealed("{}"), "secret").what() == "selfEncryptionKey is missing");
  CHECK(decode_error(sealed(sealed(dart_text())), "secret").what() ==
        "an envelope inside an envelope");
  auto foreign = dart_text();
  foreign.replace(foreign.find("\"@alice\""), 8, "\"@mallory\"");
  CHECK(decode_error(sealed(foreign), "secret").what() == "these are not the keys of @alice");
}

TEST_CASE("the version of an envelope decides, not its salt", "[keys][envelope][hostile]") {
  const Json version =
      GENERATE(Json(0), Json(2), Json(-1), Json("1"), Json(1.0), Json(true), Json());
  auto file = v1_file();
  file["v"] = version;
  refuses(file, "its version is not 1");
  file.erase("v");
  REQUIRE(keys::decode_envelope(file.dump()));
  CHECK(keys::decode_envelope(file.dump())->form == EnvelopeForm::v0);
}

TEST_CASE("hashes that make no AES key are refused", "[keys][envelope][hostile]") {
  const auto hash = GENERATE(as<std::string>{}, "sha512", "sha256", "md5", "", "Argon2id");
  auto file = v1_file();
  file["hashingAlgoType"] = hash;
  refuses(file, "its hash is " + hash + ", and only argon2id makes a key");
  file["hashingAlgoType"] = Json();
  refuses(file, "hashingAlgoType is missing");
  file.erase("hashingAlgoType");
  refuses(file, "hashingAlgoType is missing");
}

TEST_CASE("what an envelope lacks is named", "[keys][envelope][hostile]") {
  const auto member = GENERATE(as<std::string>{}, "content", "iv", "salt");
  auto file = v1_file();
  file[member] = "====";
  refuses(file, member + " is not base64");
  file[member] = 7;
  refuses(file, member + " is no string");
  file.erase(member);
  refuses(file, member + " is missing");
}

TEST_CASE("an IV has 16 bytes, a salt 8 to 64", "[keys][envelope][hostile]") {
  auto file = v1_file();
  const auto iv_size = GENERATE(as<std::size_t>{}, 0, 12, 15, 17);
  file["iv"] = crypto::base64(std::string(iv_size, 'i'));
  refuses(file, "iv has not 16 bytes");
  file = v1_file();
  const auto salt_size = GENERATE(as<std::size_t>{}, 0, 7, 65, 100000);
  file["salt"] = crypto::base64(std::string(salt_size, 's'));
  refuses(file, "salt has not 8 to 64 bytes");
}

TEST_CASE("an envelope cannot ask for memory or minutes", "[keys][envelope][hostile]") {
  const auto member = GENERATE(as<std::string>{}, "memory", "iterations", "parallelism");
  auto file = v1_file();
  const Json number = GENERATE(Json(0), Json(4294967295), Json(18446744073709551615u));
  file["kdfParams"][member] = number;
  const auto envelope = keys::decode_envelope(file.dump());
  REQUIRE_FALSE(envelope);
  CHECK(envelope.error().code() == Errc::bad_syntax);
  CHECK(envelope.error().what().starts_with(
      "the passphrase envelope: the costs of Argon2id are out of bounds: "));
}

TEST_CASE("the costs of an envelope are integers", "[keys][envelope][hostile]") {
  const auto member = GENERATE(as<std::string>{}, "memory", "iterations", "parallelism");
  const Json number = GENERATE(Json(-1), Json(2.5), Json("2"), Json(), Json(1e300));
  auto file = v1_file();
  file["kdfParams"][member] = number;
  refuses(file, member + " is no positive integer");
  file["kdfParams"].erase(member);
  refuses(file, member + " is no positive integer");
  file["kdfParams"] = Json::array();
  refuses(file, "kdfParams are missing");
  file.erase("kdfParams");
  refuses(file, "kdfParams are missing");
}

TEST_CASE("content that is no whole block does not open", "[keys][envelope][hostile]") {
  const auto size = GENERATE(as<std::size_t>{}, 0, 1, 15, 17);
  auto envelope = keys::seal(Secret("{}"), Secret("secret"), EnvelopeForm::v1, kIv, kSalt);
  envelope->content = std::string(size, 'x');
  CHECK(keys::open(*envelope, Secret("secret")).error().what() == keys::kWrongPassphrase);
}

TEST_CASE("an envelope of very many members is refused as quickly as others",
          "[keys][envelope][hostile]") {
  std::string text = "{\"iv\":1";
  while (text.size() < keys::kMaxKeyFile - 20) text += ",\"" + std::to_string(text.size()) + "\":1";
  CHECK(keys::decode_envelope(text + "}").error().what() ==
        "the passphrase envelope: hashingAlgoType is missing");
}

TEST_CASE("what is no JSON object is no envelope", "[keys][envelope][hostile]") {
  const auto text = GENERATE(as<std::string>{}, "", "null", "[]", "{", "{\"iv\":\"\xff\"}",
                             std::string(100000, '['), std::string(1 << 21, ' '));
  const auto envelope = keys::decode_envelope(text);
  REQUIRE_FALSE(envelope);
  CHECK(envelope.error().code() == Errc::bad_syntax);
}
