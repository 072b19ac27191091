// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/peer_line.hpp"

#include "world.hpp"

using namespace noports;
using atserver::PolAnswer;
using test::atsign;

namespace {

const at::Key kKey = *at::Key::parse("@alice:phone.demo@bob");
constexpr std::int64_t kNow = 1'727'773'200'123;

}  // namespace

// atprotocol-wire.md 8.6
TEST_CASE("a record is read as another atServer writes it", "[atserver][peer_line][vectors]") {
  const auto record = atserver::decode_peer_record(
      R"({"key":"@bob:phone.demo@alice","data":"CT","metaData":{"createdBy":"@alice",)"
      R"("updatedBy":"@alice","createdAt":"2024-10-01 09:00:00.000Z",)"
      R"("updatedAt":"2024-10-01 09:00:01.000Z","expiresAt":"2024-10-02T09:00:00.000Z",)"
      R"("status":"active","version":3,"ttr":-1,"ccd":true,"isBinary":false,"isEncrypted":true,)"
      R"("ivNonce":"IV","sharedKeyEnc":null,"newThing":{"a":1},"ttl":"bad"}})",
      kKey, kNow);
  REQUIRE(record);
  CHECK(record->key == "@alice:phone.demo@bob");  // ours, not theirs
  CHECK(record->value == "CT");
  CHECK(record->created == 1'727'773'200'000);
  CHECK(record->updated == 1'727'773'201'000);
  CHECK(record->expires == 1'727'859'600'000);
  CHECK(record->version == 3);
  CHECK(record->metadata.ttr == -1);
  CHECK(record->metadata.ccd == true);
  CHECK(record->metadata.is_encrypted == true);
  CHECK(record->metadata.iv_nonce == "IV");
  CHECK_FALSE(record->metadata.ttl);
}

TEST_CASE("a record without a value is none", "[atserver][peer_line]") {
  for (const auto* text :
       {"null", R"({"data":null})", R"({"metaData":{}})", R"({"data":"null"})"}) {
    const auto record = atserver::decode_peer_record(text, kKey, kNow);
    REQUIRE_FALSE(record);
    CHECK(record.error().code() == Errc::not_found);
  }
}

TEST_CASE("what is no record is refused", "[atserver][peer_line][hostile]") {
  for (const auto& text :
       {std::string(), std::string("x"), std::string("[]"), std::string("{\"data\":\"a\\nb\"}"),
        "{\"data\":" + std::string(100'000, '['), std::string("{\"data\"")}) {
    const auto record = atserver::decode_peer_record(text, kKey, kNow);
    REQUIRE_FALSE(record);
    CHECK(record.error().code() == Errc::bad_syntax);
  }
  // A newline in the metadata can stand in no line of ours either.
  const auto record = atserver::decode_peer_record(
      R"({"data":"v","metaData":{"ivNonce":"a\nb","encAlgo":"x y","version":-1}})", kKey, kNow);
  REQUIRE(record);
  CHECK(record->metadata == at::Metadata());
  CHECK(record->version == 0);
}

TEST_CASE("names of records are read, what is none is passed over",
          "[atserver][peer_line][hostile]") {
  const auto keys = atserver::decode_peer_keys(R"(["phone.demo@bob",5,"","a b@bob","x\n@bob"])");
  REQUIRE(keys);
  CHECK(*keys == std::vector<std::string>{"phone.demo@bob"});
  CHECK_FALSE(atserver::decode_peer_keys("{}"));
  CHECK_FALSE(atserver::decode_peer_keys("[[[["));
  CHECK_FALSE(atserver::decode_peer_keys(std::string(200'000, '[')));
}

// atprotocol-wire.md 8.5
TEST_CASE("a challenge for pol is read byte for byte", "[atserver][peer_line][vectors]") {
  const auto challenge = atserver::decode_peer_challenge(
      "proof:_9b2f1d70-53c4-4e8f-b1a6-7c8d9e0f1a2b@alice:7d6c5b4a-3928-4716-a5b4-c3d2e1f0a9b8",
      atsign("@alice"));
  REQUIRE(challenge);
  CHECK(challenge->id.str() == "_9b2f1d70-53c4-4e8f-b1a6-7c8d9e0f1a2b");
  CHECK(challenge->nonce == "7d6c5b4a-3928-4716-a5b4-c3d2e1f0a9b8");
}

TEST_CASE("a challenge that would have us sign or publish anything else is refused",
          "[atserver][peer_line][hostile]") {
  for (const auto& text :
       {std::string("proof:_12345678@bob:7d6c5b4a"), std::string("_12345678@alice:7d6c5b4a"),
        std::string("proof:publickey@alice:7d6c5b4a"),
        std::string("proof:__hidden-x@alice:7d6c5b4a"),
        std::string("proof:_12345678@alice:{\"sessionId\":1}"),
        std::string("proof:_12345678@alice:"), std::string("proof:_12345678@alice"),
        std::string("proof:@alice:7d6c5b4a"), std::string("proof:_1@alice:7d6c5b4a"),
        std::string("proof:"), std::string(), "proof:_12345678@alice:" + std::string(129, 'a'),
        "proof:_" + std::string(100, 'a') + "@alice:7d6c5b4a"}) {
    INFO(text);
    CHECK_FALSE(atserver::decode_peer_challenge(text, atsign("@alice")));
  }
}

TEST_CASE("the answer to pol is the caller's own prompt and nothing else",
          "[atserver][peer_line][hostile]") {
  using Verdict = PolAnswer::Verdict;
  const auto read = [](std::string_view bytes) {
    return atserver::decode_pol_answer(bytes, atsign("@alice")).verdict;
  };
  CHECK(read("@alice@") == Verdict::accepted);
  CHECK(read("@@alice@") == Verdict::accepted);
  for (const auto* begun : {"", "@", "@@", "@al", "@alice", "error:AT0401-", "@error:AT04"}) {
    CHECK(read(begun) == Verdict::incomplete);
  }
  CHECK(read("@bob@\n") == Verdict::nonsense);
  CHECK(read("data:success\n@alice@") == Verdict::nonsense);
  CHECK(read("\n") == Verdict::nonsense);
  CHECK(read(std::string(5000, 'x')) == Verdict::nonsense);
  const auto refused = atserver::decode_pol_answer(
      "@error:AT0401-Exception: Pol Authentication Failed\n@", atsign("@alice"));
  CHECK(refused.verdict == Verdict::refused);
  CHECK(refused.refusal.code == "AT0401");
  CHECK(refused.refusal.text == "Exception: Pol Authentication Failed");
}

TEST_CASE("dates are read with a blank or a T", "[atserver][peer_line]") {
  CHECK(atserver::parse_date("2024-10-01 09:00:00.123Z") == kNow);
  CHECK(atserver::parse_date("2024-10-01T09:00:00.123456Z") == kNow);
  CHECK(atserver::parse_date("2024-10-01 09:00:00") == kNow - 123);
  CHECK(atserver::parse_date(atserver::date_text(kNow)) == kNow);
  for (const auto* text : {"", "null", "2024-13-01 09:00:00Z", "2024-10-01 24:00:00Z", "2024-10-01",
                           "2024-10-01 09:00:00.Z", "2024-10-01 09:00:00Zx", "-024-10-01 09:00:00Z",
                           "2024-10-01 09:00:00.1234567890Z"}) {
    INFO(text);
    CHECK_FALSE(atserver::parse_date(text));
  }
}
