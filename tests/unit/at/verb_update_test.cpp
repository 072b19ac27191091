// SPDX-License-Identifier: BSD-3-Clause
// The forms of update that are not plain (atprotocol-wire.md 3.10).
#include <catch2/catch.hpp>

#include "noports/at/verb.hpp"

namespace {

using namespace noports;

at::Update update_in(std::string_view line) {
  const auto verb = at::decode(line);
  REQUIRE(verb);
  REQUIRE(std::holds_alternative<at::Update>(*verb));
  return std::get<at::Update>(*verb);
}

TEST_CASE("update:json is read as the Dart builder writes it", "[at][verb][vectors]") {
  const auto update = update_in(
      R"(update:json:{"atKey":"@bob:phone.demo@alice","value":"+1: 2 @x","metadata":)"
      R"({"isBinary":false,"isEncrypted":true,"isPublic":false,"isHidden":false,"ttl":60000,)"
      R"("ttb":null,"ttr":-1,"ccd":true,"namespaceAware":true,"isCached":false,)"
      R"("createdAt":"2024-10-01 09:00:00.123Z","ivNonce":"EBESEw==","sharedKeyStatus":null,)"
      R"("pubKeyHash":{"hash":"ab","algo":"sha512"}}})");
  CHECK(update.key.str() == "@bob:phone.demo@alice");
  CHECK(update.value == "+1: 2 @x");
  at::Metadata said;
  said.ttl = 60'000;
  said.ttr = -1;
  said.ccd = true;
  said.is_binary = false;
  said.is_encrypted = true;
  said.iv_nonce = "EBESEw==";
  said.pub_key_hash = "ab";
  said.pub_key_hash_algo = "sha512";
  CHECK(update.metadata == said);
}

TEST_CASE("update:json puts a key together from its parts", "[at][verb]") {
  CHECK(update_in(R"(update:json:{"atKey":"k.ns","sharedBy":"@alice","sharedWith":"bob",)"
                  R"("value":"v","metadata":{"isPublic":false}})")
            .key.str() == "@bob:k.ns@alice");
  CHECK(update_in(R"(update:json:{"atKey":"k.ns","sharedBy":"alice","value":"v",)"
                  R"("metadata":{"isPublic":true}})")
            .key.str() == "public:k.ns@alice");
  CHECK(update_in(R"(UPDATE:JSON:{"atKey":"K.ns","sharedBy":"@alice","value":"v"})").key.str() ==
        "k.ns@alice");
}

TEST_CASE("metadata in JSON says what it says in text", "[at][metadata]") {
  std::string_view text =
      ":ttl:1:ttb:2:ttr:-1:ccd:true:dataSignature:a:sharedKeyStatus:b:isBinary:false:isEncrypted:"
      "true:sharedKeyEnc:c==:pubKeyCS:d:pubKeyHash:e:hashingAlgo:f:encoding:base64:encKeyName:g:"
      "encAlgo:h:ivNonce:i+/=:skeEncKeyName:j:skeEncAlgo:k:immutable:true";
  const auto said = at::take_metadata(text);
  REQUIRE(said);
  const auto again = at::metadata_from_json(at::to_json(*said));
  REQUIRE(again);
  CHECK(*again == *said);
}

TEST_CASE("an update that cannot be is refused", "[at][verb][hostile]") {
  const auto* line = GENERATE(
      "update:json", "update:json:", "update:json:{", "update:json:[]", "update:json:{}",
      R"(update:json:{"atKey":"a@alice"})", R"(update:json:{"atKey":"a@alice","value":""})",
      R"(update:json:{"atKey":"a@alice","value":7})",
      R"(update:json:{"atKey":"a@alice","value":"two\nlines"})",
      R"(update:json:{"atKey":"a\n@alice","value":"v"})",
      R"(update:json:{"atKey":"cached:public:a@bob","value":"v"})",
      R"(update:json:{"atKey":"privatekey:at_secret","value":"v"})",
      R"(update:json:{"atKey":"private:x@alice","value":"v"})",
      R"(update:json:{"atKey":"a","sharedWith":"@bob","value":"v"})",
      R"(update:json:{"atKey":"a@alice","value":"v","metadata":[]})",
      R"(update:json:{"atKey":"a@alice","value":"v","metadata":{"ttl":-1}})",
      R"(update:json:{"atKey":"a@alice","value":"v","metadata":{"ttl":1.5}})",
      R"(update:json:{"atKey":"a@alice","value":"v","metadata":{"ttl":1,"TTL":2}})",
      R"(update:json:{"atKey":"a@alice","value":"v","metadata":{"ttl:5":"x"}})",
      R"(update:json:{"atKey":"a@alice","value":"v","metadata":{"ivNonce":"x:ttl:5"}})",
      R"(update:json:{"atKey":"a@alice","value":"v","metadata":{"ivNonce":{}},"x":[[[[[[[[[1]]]]]]]]]})",
      "update:meta", "update:meta:", "update:meta:phone", "update:meta:@alice",
      "update:meta:a@alice:ttl", "update:meta:a@alice:ttl:x", "update:meta:a@alice:what:1",
      "update:meta:a@alice v", "update:meta:cached:public:a@bob:ttl:1",
      "update:meta:privatekey:at_secret:ttl:1", "update:meta:private:x@alice:ttl:1");
  CAPTURE(line);
  const auto verb = at::decode(line);
  REQUIRE_FALSE(verb);
  CHECK(verb.error().code() == Errc::bad_syntax);
}

TEST_CASE("delete may be forced, wherever that is said", "[at][verb]") {
  const auto* line = GENERATE("delete:force:a@alice", "delete:force:priority:low:a@alice",
                              "delete:priority:low:force:a@alice");
  CAPTURE(line);
  const auto verb = at::decode(line);
  REQUIRE(verb);
  CHECK(std::get<at::Delete>(*verb).force);
  const auto plain = at::decode("delete:force@alice");
  REQUIRE(plain);
  CHECK_FALSE(std::get<at::Delete>(*plain).force);
}

}  // namespace
