// SPDX-License-Identifier: BSD-3-Clause
#include "fixtures.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/proto/session.hpp"

using namespace noports;
using proto::Grant;
using proto::RequestKind;
using proto::SessionKeys;

namespace {

bool same(const crypto::Secret& a, const crypto::Secret& b) {
  return crypto::equal(a.bytes(), b.bytes());
}

bool same(const SessionKeys& a, const SessionKeys& b) {
  const auto pairs = [](const proto::KeyPair& x, const proto::KeyPair& y) {
    return same(x.key, y.key) && same(x.iv, y.iv);
  };
  if (a.device_to_client.has_value() != b.device_to_client.has_value()) return false;
  return pairs(a.client_to_device, b.client_to_device) &&
         (!a.device_to_client || pairs(*a.device_to_client, *b.device_to_client));
}

std::string wrapped(std::string_view text) {
  const auto bytes = test::key_t().public_key().encrypt(text);
  REQUIRE(bytes);
  return crypto::base64(*bytes);
}

const std::string kOpen =
    "{\"status\":\"connected\",\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"";

}  // namespace

// noports-wire.md 19.5
TEST_CASE("the wrapped keys of the reference are unwrapped", "[proto][vectors]") {
  const auto grant =
      proto::decode_grant(kOpen + ",\"sessionAESKey\":\"" + test::wire("session_aes_key") +
                          "\",\"sessionIV\":\"" + test::wire("session_iv") + "\"}");
  REQUIRE(grant);
  CHECK_FALSE(grant->twin);
  const auto keys = proto::unwrap(*grant, test::key_t());
  REQUIRE(keys);
  CHECK(crypto::base64(keys->client_to_device.key.bytes()) ==
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  CHECK(crypto::base64(keys->client_to_device.iv.bytes()) == "AAECAwQFBgcICQoLDA0ODw==");
  CHECK_FALSE(keys->device_to_client);
}

TEST_CASE("session keys survive wrapping, the wire and unwrapping", "[proto]") {
  const bool twin = GENERATE(false, true);
  const auto kind = GENERATE(RequestKind::npt, RequestKind::ssh);
  const auto keys = proto::fresh_session_keys(twin);
  const auto grant = proto::make_grant(test::session_s(), keys, test::key_t().public_key());
  REQUIRE(grant);
  CHECK(grant->twin == twin);
  const auto decoded = proto::decode_grant(proto::encode(*grant, kind));
  REQUIRE(decoded);
  CHECK(*decoded == *grant);
  const auto unwrapped = proto::unwrap(*decoded, test::key_t());
  REQUIRE(unwrapped);
  CHECK(same(*unwrapped, keys));
}

TEST_CASE("fresh session keys differ from each other and between the directions", "[proto]") {
  const auto keys = proto::fresh_session_keys(true);
  REQUIRE(keys.device_to_client);
  CHECK(keys.client_to_device.key.size() == 32);
  CHECK(keys.client_to_device.iv.size() == 16);
  CHECK_FALSE(same(keys.client_to_device.key, keys.device_to_client->key));
  CHECK_FALSE(same(keys.client_to_device.iv, keys.device_to_client->iv));
  CHECK_FALSE(proto::fresh_session_keys(false).device_to_client);
}

// noports-newer.md 4.5; the place of ephemeralPrivateKey: noports-wire.md 5.5
TEST_CASE("a grant has the members of the reference in its order", "[proto][vectors]") {
  Grant single{test::session_s(), false, "K", "I"};
  CHECK(proto::encode(single, RequestKind::npt) ==
        kOpen +
            ",\"sessionAESKey\":\"K\",\"sessionIV\":\"I\",\"aesKeyD2C\":null,\"ivD2C\":null,"
            "\"eventLoggingConfig\":null}");
  CHECK(proto::encode(single, RequestKind::ssh) ==
        kOpen +
            ",\"ephemeralPrivateKey\":null,\"sessionAESKey\":\"K\",\"sessionIV\":\"I\","
            "\"aesKeyD2C\":null,\"ivD2C\":null,\"eventLoggingConfig\":null}");
  Grant twin{test::session_s(), true, "K", "I", "L", "J"};
  const auto text = kOpen +
                    ",\"aesKeyC2D\":\"K\",\"ivC2D\":\"I\",\"aesKeyD2C\":\"L\","
                    "\"ivD2C\":\"J\",\"eventLoggingConfig\":null}";
  CHECK(proto::encode(twin, RequestKind::npt) == text);
  CHECK(proto::encode(twin, RequestKind::ssh) == text);
  CHECK(proto::encode(proto::plain_grant(test::session_s()), RequestKind::npt) ==
        kOpen +
            ",\"sessionAESKey\":null,\"sessionIV\":null,\"aesKeyD2C\":null,\"ivD2C\":null,"
            "\"eventLoggingConfig\":null}");
}

// noports-wire.md 5.5: all shapes that daemons send.
TEST_CASE("absent and null keys are the same", "[proto][vectors]") {
  const auto rest = GENERATE(
      as<std::string>{}, "}", ",\"sessionAESKey\":null,\"sessionIV\":null}",
      ",\"ephemeralPrivateKey\":\"-----BEGIN OPENSSH PRIVATE KEY-----\\nx\\n\"}",
      ",\"ephemeralPrivateKey\":null,\"aesKeyC2D\":null,\"ivC2D\":null,\"eventLoggingConfig\":"
      "{\"atSign\":\"@e\",\"topic\":\"t\",\"ttln\":1}}");
  CAPTURE(rest);
  const auto grant = proto::decode_grant(kOpen + rest);
  REQUIRE(grant);
  CHECK(*grant == proto::plain_grant(test::session_s()));
  const auto keys = proto::unwrap(*grant, test::key_t());
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code() == Errc::not_found);
}

TEST_CASE("an answer that does not say yes is no grant", "[proto][hostile]") {
  const auto text =
      GENERATE(as<std::string>{}, "", "connected", "{}", "{\"status\":\"connected\"}",
               "{\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"}",
               "{\"status\":\"refused\",\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"}",
               "{\"status\":true,\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"}",
               "{\"status\":\"connected\",\"sessionId\":\"x\"}",
               "{\"status\":\"connected\",\"sessionId\":7}", kOpen + ",\"status\":\"connected\"}",
               kOpen + ",\"sessionAESKey\":7}", kOpen + ",\"sessionIV\":{}}",
               kOpen + ",\"aesKeyC2D\":[]}", kOpen + ",\"ivD2C\":\"a\\nb\"}");
  CAPTURE(text);
  const auto grant = proto::decode_grant(text);
  REQUIRE_FALSE(grant);
  CHECK(grant.error().code() == Errc::bad_syntax);
}

TEST_CASE("wrapped keys of a wrong size or shape are refused", "[proto][hostile]") {
  const std::string key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  const std::string iv = "AAECAwQFBgcICQoLDA0ODw==";
  const auto [bad_key, bad_iv] = GENERATE_COPY(table<std::string, std::string>({
      {wrapped(iv), wrapped(iv)},    // 16 bytes are no key
      {wrapped(key), wrapped(key)},  // 32 bytes are no IV
      {wrapped(""), wrapped(iv)},
      {wrapped("not base64!"), wrapped(iv)},
      {wrapped(std::string(32, 'k')), wrapped(iv)},  // raw bytes instead of their base64
      {key, wrapped(iv)},                            // not encrypted
      {"*", wrapped(iv)},
      {wrapped(key), ""},
  }));
  const auto keys = proto::unwrap(Grant{test::session_s(), false, bad_key, bad_iv}, test::key_t());
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code() == Errc::bad_syntax);
  CHECK(keys.error().what() == "device answer: cannot read its session keys");
}

TEST_CASE("half a pair of keys is refused", "[proto][hostile]") {
  const auto full = proto::make_grant(test::session_s(), proto::fresh_session_keys(true),
                                      test::key_t().public_key());
  REQUIRE(full);
  for (auto member : {&Grant::key_c2d, &Grant::iv_c2d, &Grant::key_d2c, &Grant::iv_d2c}) {
    auto half = *full;
    (half.*member).reset();
    const auto keys = proto::unwrap(half, test::key_t());
    REQUIRE_FALSE(keys);
    CHECK(keys.error().code() == Errc::bad_syntax);
  }
}

TEST_CASE("keys wrapped for somebody else cannot be read", "[proto][hostile]") {
  const auto grant = proto::make_grant(test::session_s(), proto::fresh_session_keys(false),
                                       test::other_key().public_key());
  REQUIRE(grant);
  CHECK_FALSE(proto::unwrap(*grant, test::key_t()));
}
