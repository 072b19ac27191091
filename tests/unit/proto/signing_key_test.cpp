// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/signing_key.hpp"

#include "fixtures.hpp"
#include "noports/crypto/digest.hpp"

using namespace noports;
using proto::SigningAlgorithm;
using proto::SigningKeyUri;

namespace {

const std::string kIdT = "fd9119c11dec7879";

std::string public_t() { return test::key_t().public_key().text(); }

std::string entry(const std::string& id, const std::string& algorithm, const std::string& key,
                  const std::string& more = "") {
  return R"({"kid":")" + id + R"(","use":"sign","alg":")" + algorithm + R"(","pub":")" + key +
         "\"" + more + "}";
}
std::string list(const std::string& entries) { return R"({"v":1,"keys":[)" + entries + "]}"; }

}  // namespace

// noports-newer.md 27.1
TEST_CASE("a signing key has the short name of the reference", "[proto][vectors]") {
  CHECK(*proto::signing_key_id(public_t()) == kIdT);
  CHECK(*proto::signing_key_id("AAEC") == "ae4b3280e56e2faf");
  CHECK_FALSE(proto::signing_key_id("no base64!"));
  const auto record = list(entry(kIdT, "rsa2048", public_t()));
  CHECK(record.size() == 473);
  CHECK(crypto::hex(crypto::sha256(record)) ==
        "b1d17cde2cc076d8a0986efa10b8d0d4f7b6568d7657481d489f02ef982a2951");
}

TEST_CASE("both forms of a record of signing keys hold the same key", "[proto][vectors]") {
  const proto::SigningKey key{kIdT, SigningAlgorithm::rsa2048, public_t()};
  CHECK(*proto::decode_signing_keys(public_t()) == std::vector{key});
  CHECK(*proto::decode_signing_keys(" " + public_t() + "\n") == std::vector{key});
  CHECK(*proto::decode_signing_keys(list(entry(kIdT, "rsa2048", public_t()))) == std::vector{key});
}

TEST_CASE("entries that are not understood or count no more are left out", "[proto]") {
  const auto good = entry(kIdT, "rsa2048", public_t(), R"(,"status":"active")");
  const auto keys = proto::decode_signing_keys(
      list("7," + entry("1", "dilithium9", "AAEC") + "," +
           entry("2", "rsa2048", "AAEC", R"(,"status":"retired")") + R"(,{"kid":"3"},)" + good +
           "," + entry("4", "mldsa65", "AAEC", R"(,"status":null)")));
  REQUIRE(keys);
  REQUIRE(keys->size() == 2);
  CHECK((*keys)[0].id == kIdT);
  CHECK((*keys)[1].algorithm == SigningAlgorithm::mldsa65);
}

TEST_CASE("what is no record of signing keys is refused", "[proto][hostile]") {
  const std::string deep(1000, '[');
  for (const auto& record :
       {std::string(), std::string("{"), std::string("{}"), std::string(R"({"keys":7})"), list(""),
        list(entry("1", "dilithium9", "AAEC")), "{\"keys\":" + deep + "}",
        std::string("not base64"), std::string(70'000, 'A'),
        list(entry("1", "rsa2048", "AAEC", R"(,"status":"retired")"))}) {
    CAPTURE(record.substr(0, 60));
    CHECK_FALSE(proto::decode_signing_keys(record));
  }
  std::string many = entry("0", "rsa2048", "AAEC");
  for (int i = 1; i < 65; ++i) many += "," + entry(std::to_string(i), "rsa2048", "AAEC");
  CHECK_FALSE(proto::decode_signing_keys(list(many)));
}

TEST_CASE("a signature is of the strongest key that its maker offers", "[proto][hostile]") {
  const proto::SigningKey t{kIdT, SigningAlgorithm::rsa2048, public_t()};
  const proto::SigningKey other{"0000000000000001", SigningAlgorithm::rsa2048,
                                test::other_key().public_key().text()};
  const proto::SigningKey strong{"0000000000000002", SigningAlgorithm::mldsa65, "AAEC"};
  const auto rsa = SigningAlgorithm::rsa2048;
  CHECK(proto::choose_signing_key({t}, rsa, std::nullopt)->text() == public_t());
  CHECK(proto::choose_signing_key({t, other}, rsa, kIdT)->text() == public_t());
  CHECK_FALSE(proto::choose_signing_key({t, other}, rsa, std::nullopt));
  CHECK_FALSE(proto::choose_signing_key({t}, rsa, "0000000000000009"));
  CHECK_FALSE(proto::choose_signing_key({}, rsa, std::nullopt));
  CHECK(proto::choose_signing_key({t, strong}, rsa, kIdT).error().what().find("mldsa65") !=
        std::string::npos);
  CHECK_FALSE(proto::choose_signing_key({t, strong}, SigningAlgorithm::mldsa65, std::nullopt));
}

TEST_CASE("the name of a signing key is written in one way and read in several", "[proto]") {
  const auto alice = *at::Atsign::parse("@alice");
  CHECK(SigningKeyUri::of(alice, std::nullopt)->str() == "public:_apsk.primary.a.__e@alice");
  CHECK(SigningKeyUri::of(alice, "6F1C0D5E-0000-4000-8000-000000000001")->str() ==
        "public:_apsk.6f1c0d5e-0000-4000-8000-000000000001.a.__e@alice");
  const auto read = SigningKeyUri::parse("_apsk.primary.a.__e@alice");
  REQUIRE(read);
  CHECK(*read == *SigningKeyUri::of(alice, std::nullopt));
  CHECK(read->owner() == alice);
  CHECK(read->enrolment() == "primary");
  CHECK(*SigningKeyUri::parse("public:_APSK.Primary.a.__E@Alice") == *read);
}

// noports-newer.md 27.3, what must be refused before any look-up
TEST_CASE("what names no signing key is not looked up", "[proto][hostile]") {
  for (const auto* uri :
       {"", "_apsk.my_enrollment_id.a.__e@mallory.a.__e@alice", "cached:public:_apsk.x.a.__e@alice",
        "public:_apsk.x.a.__e@alice:x", "public:_apsk.x.a.__e@eve:z.a.__e@alice",
        "_apsk..a.__e@alice", "_apsk.a.__e@alice", "_apsk.x.y.a.__e@alice", "_apsk.x.a.__e",
        "_apsk.x.a.__e@", "_apsk.x.r.__e@alice", "_apsk.x.a.__e@al ice", "_apsk.x.a.__e@a.lice",
        "@bob:_apsk.x.a.__e@alice", "public:public:_apsk.x.a.__e@alice", "_apsk.x\n.a.__e@alice",
        "x_apsk.x.a.__e@alice"}) {
    CAPTURE(uri);
    CHECK_FALSE(SigningKeyUri::parse(uri));
  }
  const auto alice = *at::Atsign::parse("@alice");
  for (const auto& id :
       {std::string(), std::string("a.b"), std::string("a@b"), std::string(65, 'a')}) {
    CHECK_FALSE(SigningKeyUri::of(alice, id));
  }
}
