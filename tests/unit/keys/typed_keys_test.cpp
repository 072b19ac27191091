// SPDX-License-Identifier: BSD-3-Clause
// Typed key documents (keys-and-enrollment.md 1.8): what newer tools add to a key file.
#include <catch2/catch.hpp>

#include "noports/keys/keyfile.hpp"
#include "support/vectors.hpp"

using namespace noports;
using Json = nlohmann::ordered_json;

namespace {

at::Atsign alice() { return at::Atsign::parse("@alice").value(); }

Json typed_file() {
  auto file = test::vectors("alice_key.dart.atKeys");
  file["version"] = 1;
  file["atsign"] = "@alice";
  file["keys"] = Json::parse(R"([{"keyId":"k1","enrollmentId":"e1","keyParts":[
    {"keyPartType":"private","keyAlgorithmType":"mldsa65","operations":["sign"],
     "createdAt":"2026-01-02T03:04:05Z","status":"active","bytes":"AA=="}]}])");
  return file;
}

std::string written(const keys::Keys& keys) {
  return std::string(keys::encode(keys, alice()).text());
}

}  // namespace

TEST_CASE("a typed document keeps what is not ours when it is written again",
          "[keys][typed][vectors]") {
  const auto file = typed_file();
  const auto keys = keys::decode(file.dump(), alice());
  REQUIRE(keys);
  const auto text = written(*keys);
  CHECK(nlohmann::json::parse(text) == nlohmann::json(file));
  // Our own writing is a fixed point: the same bytes from then on.
  CHECK(written(keys::decode(text, alice()).value()) == text);
  // And begins with what a file without typed keys has.
  const auto plain = test::vector_text("alice_key.dart.atKeys");
  CHECK(text.starts_with(plain.substr(0, plain.size() - 1) + ","));
}

TEST_CASE("a typed document larger than the old readers' limit is read", "[keys][typed]") {
  auto file = typed_file();
  file["keys"][0]["keyParts"][0]["bytes"] = std::string(100000, 'A');
  const auto keys = keys::decode(file.dump(), alice());
  REQUIRE(keys);
  CHECK(nlohmann::json::parse(written(*keys)) == nlohmann::json(file));
}

TEST_CASE("flat members that a typed document writes as null are absent", "[keys][typed]") {
  auto file = typed_file();
  file["apkamSymmetricKey"] = Json();
  file["enrollmentId"] = Json();
  const auto keys = keys::decode(file.dump(), alice());
  REQUIRE(keys);
  CHECK_FALSE(keys->apkam_symmetric);
  CHECK_FALSE(keys->enrollment_id);
  file["aesPkamPrivateKey"] = Json();
  CHECK(keys::decode(file.dump()).error().what() == "aesPkamPrivateKey is missing");
}

TEST_CASE("whatever a later version puts there is kept, not read", "[keys][typed][hostile]") {
  const Json strange = GENERATE(Json(), Json("x"), Json(-7), Json(0.1), Json::array({1, "\n\"\\"}),
                                Json::object({{"iv", "AAAA"}, {"@bob", 1}}));
  auto file = typed_file();
  file["version"] = strange;
  file["keys"] = strange;
  file["later \"one\""] = strange;
  const auto keys = keys::decode(file.dump(), alice());
  REQUIRE(keys);
  CHECK(nlohmann::json::parse(written(*keys)) == nlohmann::json(file));
}

TEST_CASE("the owner that a typed document names counts", "[keys][typed][hostile]") {
  auto file = typed_file();
  file.erase("@alice");
  CHECK(keys::decode(file.dump(), alice()));
  const auto other = GENERATE(as<std::string>{}, "@mallory", "", "a b");
  file["atsign"] = other;
  CHECK(keys::decode(file.dump(), alice()).error().what() == "these are not the keys of @alice");
}

TEST_CASE("a document that is nested too deeply is refused", "[keys][typed][hostile]") {
  auto file = typed_file();
  std::string deep = "1";
  for (int i = 0; i < 1000; ++i) deep = "[" + deep + "]";
  file["keys"] = Json::parse(deep);
  CHECK(keys::decode(file.dump()).error().what() == "nested too deeply");
}
