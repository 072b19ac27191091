// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/session.hpp"

#include "fixtures.hpp"
#include "noports/proto/envelope.hpp"

using namespace noports;
using namespace std::chrono_literals;
using proto::RequestKind;
using proto::SessionRequest;
using test::replaced;

namespace {

// The request of noports-newer.md 27.4.
SessionRequest current_request() {
  SessionRequest request{RequestKind::npt, test::session_s()};
  request.relay_host = "203.0.113.7";
  request.relay_port = 443;
  request.target_host = "localhost";
  request.target_port = 3389;
  request.authenticate_to_relay = request.encrypt = request.twin_keys = true;
  request.auth_mode = proto::RelayAuthMode::escr;
  request.auth_aes_key = "oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8=";
  request.client_nonce = "2026-09-24T12:34:56.789012";
  request.relay_nonce = "2026-09-24T12:34:57.123456";
  request.client_ephemeral_key = test::key_t().public_key().text();
  request.client_ephemeral_key_type = "rsa2048";
  request.timeout = 60s;
  request.relay_atsign = "@relay";
  return request;
}

const std::string kSsh =
    "{\"direct\":true,\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"host\":\"r."
    "example\","
    "\"port\":40002}";

Result<SessionRequest> decode_npt(const std::string& payload) {
  return proto::decode_session_request(RequestKind::npt, payload);
}

}  // namespace

TEST_CASE("an npt request has the sixteen members of the reference", "[proto][vectors]") {
  CHECK(proto::encode(current_request()) == test::wire("npt_payload"));
  const auto decoded = decode_npt(test::wire("npt_payload"));
  REQUIRE(decoded);
  CHECK(*decoded == current_request());
}

// noports-wire.md 19.4: twelve members, as release 5.6.3 sends them.
TEST_CASE("an npt request of release 5.6.3 is verified and understood", "[proto][vectors]") {
  const auto envelope = proto::decode_envelope(test::wire("npt_envelope_563"));
  REQUIRE(envelope);
  REQUIRE(proto::check_envelope(*envelope, test::key_t().public_key()));
  const auto decoded = decode_npt(envelope->payload);
  REQUIRE(decoded);
  auto expected = current_request();
  expected.relay_port = 40002;
  expected.auth_mode = proto::RelayAuthMode::payload;
  expected.auth_aes_key.reset();
  expected.client_nonce = "2024-10-24T12:34:56.789012";
  expected.relay_nonce = "2024-10-24T12:34:57.123456";
  expected.timeout = 30s;
  expected.twin_keys = false;
  expected.relay_atsign.reset();
  CHECK(*decoded == expected);
}

// noports-newer.md 4.3
TEST_CASE("an ssh request has its fourteen members in order", "[proto][vectors]") {
  auto request = current_request();
  request.kind = RequestKind::ssh;
  request.auth_mode = proto::RelayAuthMode::payload;
  request.auth_aes_key.reset();
  request.client_ephemeral_key = "K";
  request.relay_atsign.reset();
  CHECK(proto::encode(request) ==
        "{\"direct\":true,\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\","
        "\"host\":\"203.0.113.7\",\"port\":443,\"authenticateToRvd\":true,"
        "\"relayAuthMode\":\"payload\",\"relayAuthAesKey\":null,"
        "\"clientNonce\":\"2026-09-24T12:34:56.789012\","
        "\"rvdNonce\":\"2026-09-24T12:34:57.123456\",\"encryptRvdTraffic\":true,"
        "\"clientEphemeralPK\":\"K\",\"clientEphemeralPKType\":\"rsa2048\",\"twinKeys\":true,"
        "\"relayAtsign\":null}");
}

TEST_CASE("an ssh request survives the wire, without what only npt has", "[proto]") {
  auto request = current_request();
  request.kind = RequestKind::ssh;
  const auto decoded = proto::decode_session_request(RequestKind::ssh, proto::encode(request));
  request.target_host.clear();
  request.target_port = 0;
  request.timeout.reset();
  REQUIRE(decoded);
  CHECK(*decoded == request);
}

// noports-wire.md 5.3: v4 clients and the Python daemon use three members.
TEST_CASE("an ssh request of four members asks for nothing more", "[proto][vectors]") {
  const auto decoded = proto::decode_session_request(RequestKind::ssh, kSsh);
  REQUIRE(decoded);
  SessionRequest expected{RequestKind::ssh, test::session_s()};
  expected.relay_host = "r.example";
  expected.relay_port = 40002;
  CHECK(*decoded == expected);
}

TEST_CASE("absent members and unknown ones do no harm", "[proto]") {
  SessionRequest request{RequestKind::npt, test::session_s()};
  request.relay_host = "::1";
  request.relay_port = 1;
  request.target_host = "db";
  request.target_port = 65535;
  const auto text = proto::encode(request);
  CHECK(text.find("\"clientNonce\":null") != text.npos);
  CHECK(text.find("\"relayAtsign\":null") != text.npos);
  CHECK(text.find("timeout") == text.npos);
  const auto decoded = decode_npt(replaced(text, "{", "{\"new\":{\"a\":[1.5,\"x\"]},"));
  REQUIRE(decoded);
  CHECK(*decoded == request);
}

TEST_CASE("a malformed npt request is refused, naming the member", "[proto][hostile]") {
  const auto [from, to, member] = GENERATE(table<std::string, std::string, std::string>({
      {"\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "\"s\"", "sessionId"},
      {"\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "\"../../x\"", "sessionId"},
      {"\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "null", "sessionId"},
      {"\"203.0.113.7\"", "\"a b\"", "rvdHost"},
      {"\"203.0.113.7\"", "\"-x\"", "rvdHost"},
      {"\"203.0.113.7\"", "\"\"", "rvdHost"},
      {"\"203.0.113.7\"", "7", "rvdHost"},
      {"\"rvdPort\":443", "\"rvdPort\":\"443\"", "rvdPort"},
      {"\"rvdPort\":443", "\"rvdPort\":443.0", "rvdPort"},
      {"\"rvdPort\":443", "\"rvdPort\":-1", "rvdPort"},
      {"\"rvdPort\":443", "\"rvdPort\":65558", "rvdPort"},
      {"\"requestedPort\":3389", "\"requestedPort\":0", "requestedPort"},
      {"\"requestedPort\":3389", "\"requestedPorT\":3389", "requestedPort"},
      {"\"localhost\"", "\"local/host\"", "requestedHost"},
      {"\"localhost\"", "[]", "requestedHost"},
      {"\"authenticateToRvd\":true", "\"authenticateToRvd\":\"yes\"", "authenticateToRvd"},
      {"\"escr\"", "\"none\"", "relayAuthMode"},
      {"\"oKGio6Sl", "\"AAAAoKGio6Sl", "relayAuthAesKey"},
      {"\"oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8=\"", "null", "relayAuthAesKey"},
      {"\"escr\"", "\"payload\",\"relayAuthModE\":0", ""},
      {"\"2026-09-24T12:34:56.789012\"", "5", "clientNonce"},
      {"\"encryptRvdTraffic\":true", "\"encryptRvdTraffic\":1", "encryptRvdTraffic"},
      {"\"rsa2048\"", "\"rsa1024\"", "clientEphemeralPKType"},
      {"\"rsa2048\"", "null", "clientEphemeralPKType"},
      {"\"clientEphemeralPK\":", "\"clientEphemeralPk\":", "clientEphemeralPK"},
      {"\"timeout\":60000", "\"timeout\":0", "timeout"},
      {"\"timeout\":60000", "\"timeout\":-5", "timeout"},
      {"\"timeout\":60000", "\"timeout\":9223372036854775807", "timeout"},
      {"\"timeout\":60000", "\"timeout\":60.5", "timeout"},
      {"\"twinKeys\":true", "\"twinKeys\":\"true\"", "twinKeys"},
      {"\"@relay\"", "\"@a b\"", "relayAtsign"},
      {"\"@relay\"", "7", "relayAtsign"},
  }));
  const auto decoded = decode_npt(replaced(test::wire("npt_payload"), from, to));
  CAPTURE(from, to);
  if (member.empty()) {
    CHECK(decoded);  // a member that nobody knows changes nothing
    return;
  }
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code() == Errc::bad_syntax);
  CHECK(decoded.error().what().find("'" + member + "'") != std::string::npos);
}

TEST_CASE("a request that wants to authenticate brings the nonces", "[proto][hostile]") {
  const auto payload = test::wire("npt_payload_563");
  CHECK_FALSE(decode_npt(replaced(payload, "\"2024-10-24T12:34:56.789012\"", "null")));
  CHECK_FALSE(decode_npt(replaced(payload, "\"2024-10-24T12:34:57.123456\"", "null")));
}

// security-findings.md S7: the reverse form is not served.
TEST_CASE("a malformed or reverse ssh request is refused", "[proto][hostile]") {
  const auto [from, to] = GENERATE(table<std::string, std::string>({
      {"\"direct\":true", "\"direct\":false"},
      {"\"direct\":true", "\"direct\":\"true\""},
      {"\"direct\":true", "\"Direct\":true"},
      {"\"r.example\"", "\"-oProxyCommand=x\""},
      {"40002", "\"40002\""},
      {"40002", "65558"},
      {"}", ",\"encryptRvdTraffic\":true}"},
      {"}", ",\"authenticateToRvd\":true}"},
      {"}", ",\"port\":22}"},
  }));
  const auto text = replaced(kSsh, from, to);
  CAPTURE(text);
  const auto decoded = proto::decode_session_request(RequestKind::ssh, text);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code() == Errc::bad_syntax);
}

TEST_CASE("one kind of request is not taken for the other", "[proto][hostile]") {
  CHECK_FALSE(decode_npt(kSsh));
  CHECK_FALSE(proto::decode_session_request(RequestKind::ssh, test::wire("npt_payload")));
  CHECK_FALSE(decode_npt(test::wire("npt_envelope")));
}
