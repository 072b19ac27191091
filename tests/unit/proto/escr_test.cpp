// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/escr.hpp"

#include "fixtures.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"

using namespace noports;
using proto::EscrPayload;
using proto::RelaySide;
using proto::SigningKeyUri;

namespace {

// noports-newer.md 27
const std::string kChallenge = "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=";

std::string bytes_from(int first, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}
crypto::Secret aes_key() { return crypto::Secret(bytes_from(0xa0, 32)); }
std::string iv() { return bytes_from(0xc0, 16); }

at::Atsign atsign(const char* name) { return *at::Atsign::parse(name); }

std::string line_of(const EscrPayload& payload, const proto::EscrKey& key,
                    const crypto::PrivateKey& signer = test::key_t()) {
  auto line =
      proto::encode_escr_line(payload, key, *signer.sign(encode(payload)), aes_key().bytes(), iv());
  REQUIRE(line);
  return *line;
}

std::string line_a() {
  return line_of({test::session_s(), kChallenge, RelaySide::client},
                 {*SigningKeyUri::of(atsign("@alice"), std::nullopt)});
}
std::string line_b() {
  return line_of({test::session_s(), kChallenge, RelaySide::device},
                 {*SigningKeyUri::parse("_apsk.6f1c0d5e-0000-4000-8000-000000000001.a.__e@daemon"),
                  "fd9119c11dec7879"});
}

std::vector<proto::SigningKey> key_of(const crypto::PrivateKey& key) {
  return *proto::decode_signing_keys(key.public_key().text());
}

Result<proto::EscrProof> open(std::string line, const std::string& challenge = kChallenge) {
  if (line.ends_with('\n')) line.pop_back();
  return proto::open_escr_line(line, test::session_s(), challenge, aes_key().bytes());
}

// A line around an E of somebody's own making.
std::string line_around(const std::string& inner) {
  const auto sealed = *crypto::encrypt_value(aes_key().bytes(), iv(), crypto::base64(inner));
  return test::session_s().str() + ":" +
         crypto::base64(R"({"iv":")" + crypto::base64(iv()) + R"(","e":")" +
                        crypto::base64(sealed) + "\"}");
}
std::string payload_text(const std::string& side = "b") {
  return R"({"sid":")" + test::session_s().str() + R"(","c":")" + kChallenge + R"(","side":")" +
         side + "\"}";
}
std::string inner_text(const std::string& payload, const std::string& sk = "_apsk.x.a.__e@daemon",
                       const std::string& ha = "sha256", const std::string& sa = "rsa2048") {
  return R"({"p":)" + payload + R"(,"s":")" + crypto::base64(*test::key_t().sign(payload)) +
         R"(","ha":")" + ha + R"(","sa":")" + sa + R"(","sk":")" + sk + "\"}";
}

}  // namespace

// noports-newer.md 27.2, 27.3
TEST_CASE("an answer to a relay's challenge has the bytes of the reference", "[proto][vectors]") {
  CHECK(line_a().size() == 1374);
  CHECK(crypto::hex(crypto::sha256(line_a())) ==
        "6a55541c5bed7da35340042a22d7df6894e88c117bf8d124317bad08a5be807b");
  CHECK(line_b() == test::wire("escr_line_b"));
}

TEST_CASE("an answer of the reference proves its side", "[proto][vectors]") {
  const auto proof = open(test::wire("escr_line_b"));
  REQUIRE(proof);
  CHECK(proof->side == RelaySide::device);
  CHECK(proof->record.str() == "public:_apsk.6f1c0d5e-0000-4000-8000-000000000001.a.__e@daemon");
  CHECK(proof->key_id == "fd9119c11dec7879");
  CHECK(proto::check_escr_proof(*proof, atsign("@daemon"), key_of(test::key_t())));
  CHECK(*proto::escr_session(test::wire("escr_line_b").substr(0, 1517)) == test::session_s());
  const auto client = open(line_a());
  REQUIRE(client);
  CHECK(client->side == RelaySide::client);
  CHECK(proto::check_escr_proof(*client, atsign("@alice"), key_of(test::key_t())));
}

TEST_CASE("a CR before the end, capital sides and SHA-512 are taken", "[proto]") {
  auto line = line_a();
  line.pop_back();
  CHECK(open(line + "\r"));
  const auto capital = open(line_around(inner_text(payload_text("B"))));
  REQUIRE(capital);
  CHECK(capital->side == RelaySide::device);
  CHECK(proto::check_escr_proof(*capital, atsign("@daemon"), key_of(test::key_t())));
  const auto payload = payload_text();
  const auto signature = *test::key_t().sign(payload, crypto::Hash::sha512);
  const auto long_hash = open(line_around(
      R"({"p":)" + payload + R"(,"s":")" + crypto::base64(signature) +
      R"(","ha":"sha512","sa":"rsa2048","sk":"_apsk.x.a.__e@daemon","kid":null,"new":1})"));
  REQUIRE(long_hash);
  CHECK(proto::check_escr_proof(*long_hash, atsign("@daemon"), key_of(test::key_t())));
}

TEST_CASE("an atSign beyond ASCII is written in ASCII", "[proto]") {
  const auto owner = at::Atsign::parse("@\xF0\x9F\x9B\xA0");
  REQUIRE(owner);
  const auto line = line_of({test::session_s(), kChallenge, RelaySide::client},
                            {*SigningKeyUri::of(*owner, std::nullopt)});
  const auto proof = open(line);
  REQUIRE(proof);
  CHECK(proof->record.owner() == *owner);
  // The reference reads the bytes inside as Latin-1.
  const auto outer = *crypto::base64_decode(line.substr(37, line.size() - 38));
  const auto at = outer.find("\"e\":\"") + 5;
  const auto sealed = *crypto::base64_decode(outer.substr(at, outer.find('"', at) - at));
  const auto inner =
      *crypto::base64_decode(crypto::decrypt_value(aes_key().bytes(), iv(), sealed)->text());
  CHECK(inner.find(R"(\ud83d\udee0)") != inner.npos);
}

TEST_CASE("an answer counts for its session and its challenge alone", "[proto][hostile]") {
  const auto other = proto::make_escr_challenge();
  CHECK(open(line_b(), other).error().code() == Errc::bad_signature);
  auto line = line_b();
  line.pop_back();
  CHECK(proto::open_escr_line(line,
                              *proto::SessionId::parse("1f8fad5b-d9cb-469f-a165-70867728950e"),
                              kChallenge, aes_key().bytes())
            .error()
            .code() == Errc::bad_signature);
  const crypto::Secret wrong(bytes_from(0xa1, 32));
  CHECK_FALSE(proto::open_escr_line(line, test::session_s(), kChallenge, wrong.bytes()));
}

TEST_CASE("an answer proves nothing with another's key, record or signature", "[proto][hostile]") {
  const auto proof = open(line_b());
  REQUIRE(proof);
  CHECK_FALSE(proto::check_escr_proof(*proof, atsign("@daemon"), key_of(test::other_key())));
  CHECK_FALSE(proto::check_escr_proof(*proof, atsign("@alice"), key_of(test::key_t())));
  auto without_id = *proof;
  without_id.key_id.reset();
  CHECK(proto::check_escr_proof(without_id, atsign("@daemon"), key_of(test::key_t())));
  CHECK_FALSE(proto::check_escr_proof(without_id, atsign("@daemon"), key_of(test::other_key())));
  auto forged = without_id;
  forged.signature.back() = static_cast<char>(forged.signature.back() ^ 1);
  CHECK_FALSE(proto::check_escr_proof(forged, atsign("@daemon"), key_of(test::key_t())));
  auto changed = without_id;
  changed.payload.back() = ' ';
  CHECK_FALSE(proto::check_escr_proof(changed, atsign("@daemon"), key_of(test::key_t())));
}

TEST_CASE("a signed text of other members answers no challenge", "[proto][hostile]") {
  const auto sid = test::session_s().str();
  for (const auto& payload :
       {R"({"c":")" + kChallenge + R"(","sid":")" + sid + R"(","side":"b"})",
        R"({"sid":")" + sid + R"(","c":")" + kChallenge + R"(","side":"b","x":1})",
        R"({"sid":")" + sid + R"(","c":")" + kChallenge + R"("})", payload_text("c"),
        payload_text(""), std::string("{}")}) {
    CAPTURE(payload);
    CHECK_FALSE(open(line_around(inner_text(payload))));
  }
  // Spaces do not matter: the text is compacted before it is verified.
  CHECK(open(line_around(inner_text(test::replaced(payload_text(), ":", ": ")))));
}

TEST_CASE("what is no answer to a challenge is refused", "[proto][hostile]") {
  auto line = line_b();
  line.pop_back();
  CHECK_FALSE(open(line + ":x"));
  CHECK_FALSE(open(""));
  CHECK_FALSE(open(":"));
  CHECK_FALSE(open("ok"));
  CHECK_FALSE(open(test::session_s().str() + ":"));
  CHECK_FALSE(open(test::session_s().str() + ":e30="));
  CHECK_FALSE(open(line + " "));
  CHECK_FALSE(open("\n" + line));
  CHECK_FALSE(open(line + std::string(proto::kEscrLineLimit, 'A')));
  CHECK_FALSE(proto::escr_session(line.substr(1)));
  CHECK_FALSE(proto::escr_session("x:" + line));
  for (std::size_t i = 37; i < line.size(); i += 7) {
    auto changed = line;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto proof = open(changed);
    const bool believed =
        proof && proto::check_escr_proof(*proof, atsign("@daemon"), key_of(test::key_t()));
    // Some last bits of base64 say nothing.
    if (believed)
      CHECK(*crypto::base64_decode(changed.substr(37)) == *crypto::base64_decode(line.substr(37)));
  }
  CHECK_FALSE(open(line_around("{}")));
  CHECK_FALSE(open(line_around("[]")));
  CHECK_FALSE(open(line_around("")));
  CHECK_FALSE(open(line_around(inner_text(payload_text(), "_apsk.x.a.__e@daemon", "md5"))));
  CHECK_FALSE(
      open(line_around(inner_text(payload_text(), "_apsk.x.a.__e@daemon", "sha256", "none"))));
  CHECK_FALSE(open(line_around(inner_text(payload_text(), "public:x.y@daemon"))));
  CHECK_FALSE(open(line_around(R"({"p":7,"s":"AA==","ha":"sha256","sa":"rsa2048"})")));
}

TEST_CASE("only a challenge of the relay's kind is signed", "[proto][hostile]") {
  const auto challenge = proto::make_escr_challenge();
  CHECK(challenge.size() == 44);
  CHECK(challenge != proto::make_escr_challenge());
  CHECK(proto::is_escr_challenge(challenge));
  CHECK(proto::is_escr_challenge(kChallenge));
  for (const auto& text : {std::string(), std::string("{\"a\":1}"), std::string("a b"),
                           std::string(129, 'A'), std::string("_x@alice:y"), std::string("a\r")}) {
    CAPTURE(text);
    CHECK_FALSE(proto::is_escr_challenge(text));
  }
}
