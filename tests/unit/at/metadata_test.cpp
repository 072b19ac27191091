// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/metadata.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace noports;
using at::Metadata;

Result<Metadata> whole(std::string_view text) {
  auto metadata = at::take_metadata(text);
  if (metadata && !text.empty()) return fail(Errc::bad_syntax, "something is left");
  return metadata;
}

TEST_CASE("metadata is written in the order of the strict grammar", "[at][metadata][vectors]") {
  // noports-newer.md 16.2
  Metadata all;
  all.ttl = 1;
  all.ttb = 2;
  all.ttr = -1;
  all.ccd = true;
  all.data_signature = "a";
  all.shared_key_status = "b";
  all.is_binary = false;
  all.is_encrypted = true;
  all.shared_key_enc = "c==";
  all.pub_key_cs = "d";
  all.pub_key_hash = "e";
  all.pub_key_hash_algo = "f";
  all.encoding = "base64";
  all.enc_key_name = "g";
  all.enc_algo = "h";
  all.iv_nonce = "i+/=";
  all.ske_enc_key_name = "j";
  all.ske_enc_algo = "k";
  all.immutable = true;
  const std::string line =
      ":ttl:1:ttb:2:ttr:-1:ccd:true:dataSignature:a:sharedKeyStatus:b:isBinary:false"
      ":isEncrypted:true:sharedKeyEnc:c==:pubKeyCS:d:pubKeyHash:e:hashingAlgo:f:encoding:base64"
      ":encKeyName:g:encAlgo:h:ivNonce:i+/=:skeEncKeyName:j:skeEncAlgo:k:immutable:true";
  CHECK(at::encode(all) == line);
  CHECK(whole(line).value() == all);
  CHECK(at::encode(Metadata()).empty());
}

TEST_CASE("metadata is read in any order and case", "[at][metadata][vectors]") {
  // atprotocol-wire.md 3: the orders of the C and Python clients; client-expectations.md 2.2:
  // "True"
  Metadata want;
  want.ttr = -1;
  want.ccd = true;
  want.is_encrypted = true;
  want.data_signature = "s";
  want.shared_key_enc = "k";
  want.pub_key_cs = "c";
  const auto text =
      GENERATE(as<std::string>{},
               ":ttr:-1:ccd:True:dataSignature:s:sharedKeyEnc:k:pubKeyCS:c:isEncrypted:True",
               ":ttr:-1:ccd:true:isEncrypted:true:dataSignature:s:sharedKeyEnc:k:pubKeyCS:c",
               ":PUBKEYCS:c:SharedKeyEnc:k:iseNcrypted:TRUE:datasignature:s:CCD:tRue:TTR:-1");
  CAPTURE(text);
  CHECK(whole(text).value() == want);
}

TEST_CASE("the public key's hash has an old and a new spelling", "[at][metadata][vectors]") {
  // atprotocol-wire.md 3 and noports-newer.md 16.2
  const auto old_form = whole(":hash:e:algo:sha512");
  REQUIRE(old_form);
  CHECK(*old_form == whole(":pubKeyHash:e:hashingAlgo:sha512").value());
}

TEST_CASE("what newer peers add is taken and dropped", "[at][metadata][vectors]") {
  // noports-newer.md 16.1
  const auto metadata = whole(
      ":ttl:5:cAt:2026-01-02T03:04:05.678Z:uAt:2026-01-02T03:04:05Z:eAt:2026-01-02T03:04:05Z"
      ":aAt:2026-01-02T03:04:05Z:nc:appMetadata:e30=:immutable:true");
  REQUIRE(metadata);
  CHECK(at::encode(*metadata) == ":ttl:5:immutable:true");
}

TEST_CASE("metadata ends where something else begins", "[at][metadata]") {
  std::string_view rest = ":ttl:60000:ccd:true:@bob:ttl@alice";
  const auto metadata = at::take_metadata(rest);
  REQUIRE(metadata);
  CHECK(metadata->ttl == 60000);
  CHECK(rest == ":@bob:ttl@alice");
  for (const std::string_view none : {"", ":", ":ttl", ":ttl@alice", ":public:ttl@alice", "ttl:5",
                                      ":ttls:5", ":cAt:now", ":nonce"}) {
    CAPTURE(none);
    rest = none;
    CHECK(at::take_metadata(rest).value() == Metadata());
    CHECK(rest == none);
  }
}

TEST_CASE("bad metadata is refused", "[at][metadata][hostile]") {
  const auto text =
      GENERATE(as<std::string>{}, ":ttl:", ":ttl:x", ":ttl:-1", ":ttl:1.5", ":ttl: 1", ":ttl:+1",
               ":ttl:9007199254740993", ":ttl:99999999999999999999", ":ttb:-1", ":ttr:-2",
               ":ttr:", ":ccd:", ":ccd:yes", ":ccd:1", ":ccd:truee", ":ttl:1:ttl:1",
               ":ccd:true:CCD:true", ":ivNonce:", ":ivNonce:a b", ":ivNonce:a@b", ":ivNonce:a\x01",
               ":hash:a:pubKeyHash:b", ":immutable:maybe");
  CAPTURE(text);
  const auto metadata = whole(text);
  REQUIRE_FALSE(metadata);
  CHECK(metadata.error().code() == Errc::bad_syntax);
  CHECK(metadata.error().what() != "something is left");
}

}  // namespace
