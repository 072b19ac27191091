// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/envelope.hpp"

#include "fixtures.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/proto/relay_auth.hpp"

using namespace noports;
using proto::check_envelope;
using proto::decode_envelope;
using proto::HashRule;
using test::replaced;

namespace {

Errc verdict(const std::string& text, HashRule rule = HashRule::sha256_only) {
  const auto envelope = decode_envelope(text);
  REQUIRE(envelope);
  const auto checked = check_envelope(*envelope, test::key_t().public_key(), rule);
  REQUIRE_FALSE(checked);
  return checked.error().code();
}

// An envelope whose embedded payload text is not what was signed.
std::string envelope_of(const std::string& embedded, const std::string& is_signed,
                        crypto::Hash hash = crypto::Hash::sha256, const char* name = "sha256") {
  const auto signature = test::key_t().sign(is_signed, hash);
  REQUIRE(signature);
  return "{\"payload\":" + embedded + ",\"signature\":\"" + crypto::base64(*signature) +
         "\",\"hashingAlgo\":\"" + name + "\",\"signingAlgo\":\"rsa2048\"}";
}

}  // namespace

// noports-wire.md 19.4, noports-newer.md 27.4
TEST_CASE("sealing gives the bytes of the reference", "[proto][vectors]") {
  const auto old = proto::seal_envelope(test::wire("npt_payload_563"), test::key_t());
  REQUIRE(old);
  CHECK(*old == test::wire("npt_envelope_563"));
  const auto current = proto::seal_envelope(test::wire("npt_payload"), test::key_t());
  REQUIRE(current);
  CHECK(*current == test::wire("npt_envelope"));
}

TEST_CASE("the envelopes of the reference verify", "[proto][vectors]") {
  const auto* name = GENERATE("npt_envelope_563", "npt_envelope", "npt_envelope_enrolled");
  const auto* end = GENERATE("", "\n", "\r\n");
  CAPTURE(name);
  const auto envelope = decode_envelope(test::wire(name) + end);
  REQUIRE(envelope);
  CHECK(envelope->payload == envelope->canonical);
  CHECK(envelope->signature.size() == 256);
  CHECK(check_envelope(*envelope, test::key_t().public_key()));
}

TEST_CASE("a pretty-printed payload verifies over its compact form", "[proto]") {
  const std::string compact = "{\"b\":[1,-2,{\"u\":\"a/b\\n\xc3\xa9\"}],\"a\":null,\"c\":true}";
  const std::string pretty =
      "{ \"b\" : [1, -2, {\"\\u0075\": \"a\\/b\\u000a\\u00e9\"}],\n\t\"a\": null, \"c\":true }";
  const auto envelope = decode_envelope(envelope_of(pretty, compact));
  REQUIRE(envelope);
  CHECK(envelope->payload == pretty);
  CHECK(envelope->canonical == compact);
  CHECK(check_envelope(*envelope, test::key_t().public_key()));
}

TEST_CASE("a payload signed as it stands verifies although it is not compact", "[proto]") {
  const std::string pretty = "{\"a\": 1, \"b\": 2}";
  const auto envelope = decode_envelope(envelope_of(pretty, pretty));
  REQUIRE(envelope);
  CHECK(check_envelope(*envelope, test::key_t().public_key()));
}

TEST_CASE("only compact objects are sealed", "[proto]") {
  const auto payload =
      GENERATE(as<std::string>{}, "", "7", "[]", "{ }", "{\"a\": 1}", "{\"a\":1}\n",
               "{\"a\":\"\\/\"}", "{\"a\":1,\"a\":1}", "{\"a\":\"\xff\"}");
  CAPTURE(payload);
  CHECK_FALSE(proto::seal_envelope(payload, test::key_t()));
}

TEST_CASE("an envelope of somebody else, or changed, is not believed", "[proto][hostile]") {
  const auto text = test::wire("npt_envelope_563");
  const auto envelope = decode_envelope(text);
  REQUIRE(envelope);
  CHECK_FALSE(check_envelope(*envelope, test::other_key().public_key()));

  CHECK(verdict(replaced(text, "localhost", "localhosT")) == Errc::bad_signature);
  CHECK(verdict(replaced(text, "40002", "40003")) == Errc::bad_signature);
  CHECK(verdict(replaced(text, "\"timeout\":30000", "\"timeout\":30000,\"x\":1")) ==
        Errc::bad_signature);
  // The same members in another order were not signed.
  CHECK(verdict(replaced(text, "\"rvdPort\":40002,\"requestedPort\":3389",
                         "\"requestedPort\":3389,\"rvdPort\":40002")) == Errc::bad_signature);
  CHECK(verdict(replaced(text, "\"signature\":\"Q", "\"signature\":\"R")) == Errc::bad_signature);
  CHECK(verdict(replaced(text, "Sin9Q==\"", "Q==\"")) == Errc::bad_signature);
}

// security-findings.md S25: the signer does not choose the algorithm.
TEST_CASE("other algorithms are not accepted", "[proto][hostile]") {
  const auto text = test::wire("npt_envelope_563");
  for (const auto* hash : {"md5", "sha1", "SHA256", "", "none"}) {
    CAPTURE(hash);
    CHECK(verdict(replaced(text, "\"sha256\"", "\"" + std::string(hash) + "\""),
                  HashRule::sha512_too) == Errc::bad_signature);
  }
  for (const auto* algorithm : {"rsa4096", "ecc_secp256r1", "none", "", "RSA2048"}) {
    CAPTURE(algorithm);
    CHECK(verdict(replaced(text, "\"signingAlgo\":\"rsa2048\"",
                           "\"signingAlgo\":\"" + std::string(algorithm) + "\"")) ==
          Errc::bad_signature);
  }
}

TEST_CASE("sha512 is accepted where the rule says so and nowhere else", "[proto][hostile]") {
  const auto text = envelope_of("{\"a\":1}", "{\"a\":1}", crypto::Hash::sha512, "sha512");
  CHECK(verdict(text) == Errc::bad_signature);
  const auto envelope = decode_envelope(text);
  REQUIRE(envelope);
  CHECK(check_envelope(*envelope, test::key_t().public_key(), HashRule::sha512_too));
  // The name must be that of the hash which was used.
  CHECK(verdict(replaced(text, "sha512", "sha256"), HashRule::sha512_too) == Errc::bad_signature);
}

TEST_CASE("what is no envelope is refused", "[proto][hostile]") {
  const auto text = GENERATE(
      as<std::string>{}, "", "connected", "Signature not verified: x", "{", "[]", "{}",
      "{\"payload\":{},\"signature\":\"AAAA\",\"hashingAlgo\":\"sha256\"}",
      "{\"payload\":\"{}\",\"signature\":\"AAAA\",\"hashingAlgo\":\"sha256\",\"signingAlgo\":"
      "\"r\"}",
      "{\"payload\":[],\"signature\":\"AAAA\",\"hashingAlgo\":\"sha256\",\"signingAlgo\":\"r\"}",
      "{\"payload\":null,\"signature\":\"AAAA\",\"hashingAlgo\":\"sha256\",\"signingAlgo\":\"r\"}",
      "{\"payload\":{},\"signature\":7,\"hashingAlgo\":\"sha256\",\"signingAlgo\":\"r\"}",
      "{\"payload\":{},\"signature\":\"*\",\"hashingAlgo\":\"sha256\",\"signingAlgo\":\"r\"}",
      "{\"payload\":{},\"signature\":\"AAAA\",\"hashingAlgo\":[],\"signingAlgo\":\"r\"}",
      "{\"payload\":{},\"payload\":{},\"signature\":\"AAAA\",\"hashingAlgo\":\"sha256\","
      "\"signingAlgo\":\"r\"}",
      "{\"payload\":{\"a\":1,\"a\":1},\"signature\":\"AAAA\",\"hashingAlgo\":\"sha256\","
      "\"signingAlgo\":\"r\"}",
      "[{\"payload\":{},\"signature\":\"AAAA\",\"hashingAlgo\":\"sha256\",\"signingAlgo\":\"r\"}]");
  CAPTURE(text);
  const auto envelope = decode_envelope(text);
  REQUIRE_FALSE(envelope);
  CHECK(envelope.error().code() == Errc::bad_syntax);
}

TEST_CASE("an object inside another member is never taken for the payload", "[proto][hostile]") {
  const auto sealed = envelope_of("{\"a\":1}", "{\"a\":1}");
  const auto text = replaced(sealed, "{\"payload\":{\"a\":1}",
                             "{\"x\":{\"payload\":{\"a\":1}},\"payload\":{\"a\":2}");
  const auto envelope = decode_envelope(text);
  REQUIRE(envelope);
  CHECK(envelope->payload == "{\"a\":2}");
  CHECK_FALSE(check_envelope(*envelope, test::key_t().public_key()));
}

TEST_CASE("an envelope of more than 64 KiB is refused", "[proto][hostile]") {
  const auto big = "{\"a\":\"" + std::string(64 * 1024, 'x') + "\"}";
  CHECK_FALSE(decode_envelope("{\"payload\":" + big + "}"));
}
