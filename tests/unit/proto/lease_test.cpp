// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/lease.hpp"

#include "fixtures.hpp"

using namespace noports;
using proto::Lease;
using proto::LeaseRequest;

namespace {

const std::string kOld =
    "{\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"atSignA\":\"@client\","
    "\"atSignB\":\"@daemon\",\"authenticateSocketA\":true,\"authenticateSocketB\":false,"
    "\"clientNonce\":\"2024-10-24T12:34:56.789012\"}";

LeaseRequest request() {
  LeaseRequest request{test::session_s(), *at::Atsign::parse("@client"),
                       *at::Atsign::parse("@daemon")};
  request.client_nonce = "2024-10-24T12:34:56.789012";
  return request;
}

}  // namespace

// noports-newer.md 6.1
TEST_CASE("a relay request has its twelve members in order", "[proto][vectors]") {
  auto wanted = request();
  wanted.multiple_acks_ok = wanted.json_answer = true;
  CHECK(proto::encode(wanted) ==
        "{\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"atSignA\":\"@client\","
        "\"atSignB\":\"@daemon\",\"authenticateSocketA\":true,\"authenticateSocketB\":true,"
        "\"clientNonce\":\"2024-10-24T12:34:56.789012\",\"relayAuthMode\":\"payload\","
        "\"relayAuthAesKey\":null,\"only443\":false,\"multipleAcksOk\":true,\"preFetch\":[],"
        "\"sendJsonResponse\":true}");
}

// noports-wire.md 5.2
TEST_CASE("a relay request of the first generation is understood", "[proto][vectors]") {
  const auto decoded = proto::decode_lease_request(kOld);
  REQUIRE(decoded);
  auto expected = request();
  expected.authenticate_device = false;
  CHECK(*decoded == expected);
}

TEST_CASE("a relay request survives the wire unchanged", "[proto]") {
  auto wanted = request();
  wanted.auth_mode = proto::RelayAuthMode::escr;
  wanted.auth_aes_key = "oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8=";
  wanted.only_443 = true;
  wanted.authenticate_client = false;
  wanted.prefetch = {"public:_apsk.primary.a.__e@client"};
  const auto decoded = proto::decode_lease_request(proto::encode(wanted));
  REQUIRE(decoded);
  CHECK(*decoded == wanted);
}

TEST_CASE("a malformed relay request is refused", "[proto][hostile]") {
  const auto [from, to] = GENERATE(table<std::string, std::string>({
      {"\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "\"../x\""},
      {"\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "7"},
      {"\"@client\"", "\"\""},
      {"\"@client\"", "\"@a b\""},
      {"\"@client\"", "null"},
      {"\"@daemon\"", "\"@@daemon\""},
      {"\"authenticateSocketA\":true", "\"authenticateSocketA\":\"true\""},
      {"\"authenticateSocketA\":true", "\"authenticateSocketX\":true"},
      {"\"authenticateSocketB\":false", "\"authenticateSocketB\":0"},
      {"\"2024-10-24T12:34:56.789012\"", "17"},
      {"\"2024-10-24T12:34:56.789012\"", "\"a\\nb\""},
      {"\"2024-10-24T12:34:56.789012\"", "\"" + std::string(257, 'n') + "\""},
      {"}", ",\"relayAuthMode\":\"none\"}"},
      {"}", ",\"relayAuthMode\":1}"},
      {"}", ",\"relayAuthAesKey\":\"AAAA\"}"},
      {"}", ",\"relayAuthAesKey\":\"no base64\"}"},
      {"}", ",\"only443\":1}"},
      {"}", ",\"preFetch\":\"x\"}"},
      {"}", ",\"atSignA\":\"@other\"}"},
  }));
  const auto text = test::replaced(kOld, from, to);
  CAPTURE(text);
  const auto decoded = proto::decode_lease_request(text);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code() == Errc::bad_syntax);
}

TEST_CASE("a relay request cannot make the relay fetch without bound", "[proto][hostile]") {
  auto wanted = request();
  wanted.prefetch.assign(17, "public:_apsk.primary.a.__e@client");
  CHECK_FALSE(proto::decode_lease_request(proto::encode(wanted)));
}

// noports-newer.md 27.7
TEST_CASE("both forms of the relay's answer are read", "[proto][vectors]") {
  const auto csv = proto::decode_lease("203.0.113.7,40001,40002,2026-09-24T12:34:57.123456");
  REQUIRE(csv);
  CHECK(*csv == Lease{"203.0.113.7", 40001, 40002, "2026-09-24T12:34:57.123456", false, false});

  const auto json = proto::decode_lease(
      "{\"address\":\"203.0.113.7\",\"portA\":443,\"portB\":443,\"rvdNonce\":\"n\","
      "\"supportsEventLogging\":true}");
  REQUIRE(json);
  CHECK(*json == Lease{"203.0.113.7", 443, 443, "n", true, false});
}

TEST_CASE("the old answer of three fields has no nonce", "[proto]") {
  const auto lease = proto::decode_lease("relay.example,1,65535\n");
  REQUIRE(lease);
  CHECK(*lease == Lease{"relay.example", 1, 65535, "", false, false});
}

// noports-newer.md 6.2
TEST_CASE("the relay's answer always has all six members, or all four fields", "[proto][vectors]") {
  const Lease lease{"203.0.113.7", 40001, 40002, "2026-09-24T12:34:57.123456", true, true};
  CHECK(proto::encode_json(lease) ==
        "{\"address\":\"203.0.113.7\",\"portA\":40001,\"portB\":40002,\"rvdNonce\":"
        "\"2026-09-24T12:34:57.123456\",\"supportsEventLogging\":true,"
        "\"autoDetectsRelayAuth\":true}");
  CHECK(proto::encode_csv(lease) == "203.0.113.7,40001,40002,2026-09-24T12:34:57.123456");
  CHECK(proto::encode_json(Lease{"h", 1, 2, "", false, false}) ==
        "{\"address\":\"h\",\"portA\":1,\"portB\":2,\"rvdNonce\":\"\","
        "\"supportsEventLogging\":false,\"autoDetectsRelayAuth\":false}");
}

TEST_CASE("a malformed answer of the relay is refused", "[proto][hostile]") {
  const auto text = GENERATE(
      as<std::string>{}, "", "h", "h,1", "h,1,2,n,x", ",1,2,n", "-h,1,2,n", "h h,1,2,n",
      "h\x01,1,2,n", "h,0,2,n", "h,1,65536,n", "h,1,65558,n", "h,-1,2,n", "h,+1,2,n", "h,1 ,2,n",
      "h,1,2,a\nb", "h,1,2,\xff", "h,1.0,2,n", "{}", "{\"address\":\"h\",\"portA\":1,\"portB\":2}",
      "{\"address\":\"a b\",\"portA\":1,\"portB\":2,\"rvdNonce\":\"n\"}",
      "{\"address\":\"h\",\"portA\":\"1\",\"portB\":2,\"rvdNonce\":\"n\"}",
      "{\"address\":\"h\",\"portA\":1.0,\"portB\":2,\"rvdNonce\":\"n\"}",
      "{\"address\":\"h\",\"portA\":1,\"portB\":65558,\"rvdNonce\":\"n\"}",
      "{\"address\":\"h\",\"portA\":1,\"portB\":2,\"rvdNonce\":5}",
      "{\"address\":\"h\",\"portA\":1,\"portB\":2,\"rvdNonce\":\"n\",\"supportsEventLogging\":1}",
      "{\"address\":\"h\",\"portA\":1,\"portB\":2,\"rvdNonce\":\"n\"} x",
      "Client requested port 443 but this relay is not bound to port 443");
  CAPTURE(text);
  const auto lease = proto::decode_lease(text);
  REQUIRE_FALSE(lease);
  CHECK(lease.error().code() == Errc::bad_syntax);
}
