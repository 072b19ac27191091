// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/relay_auth.hpp"

#include "fixtures.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/proto/envelope.hpp"

using namespace noports;
using proto::RelayCredentials;
using test::replaced;

namespace {

RelayCredentials credentials() {
  return {test::session_s(), "2024-10-24T12:34:56.789012", "2024-10-24T12:34:57.123456"};
}

std::string good_line() {
  auto line = test::wire("auth_line");
  line.pop_back();
  return line;
}

Result<void> check(const std::string& line) {
  return proto::check_relay_auth_line(line, credentials(), test::key_t().public_key());
}

// A line whose payload key T signed, whatever it is.
std::string signed_line(const std::string& payload) {
  auto line = proto::seal_envelope(payload, test::key_t());
  REQUIRE(line);
  return *line;
}

}  // namespace

// noports-wire.md 19.3
TEST_CASE("the line to the relay has the bytes of the reference", "[proto][vectors]") {
  const auto line = proto::relay_auth_line(credentials(), test::key_t());
  REQUIRE(line);
  CHECK(line->size() == 554);
  CHECK(crypto::hex(crypto::sha256(*line)) ==
        "af0b90feaea1b6dd1828402c279f0c50e3f707bc2643d04d069ff42153a4562e");
  CHECK(*line == test::wire("auth_line"));
}

TEST_CASE("the line is accepted, with a CR before its end too", "[proto][vectors]") {
  CHECK(check(good_line()));
  CHECK(check(good_line() + "\r"));
}

TEST_CASE("a line of an old peer may be signed over SHA-512", "[proto]") {
  const auto payload = proto::decode_envelope(good_line())->payload;
  const auto signature = test::key_t().sign(payload, crypto::Hash::sha512);
  REQUIRE(signature);
  CHECK(check("{\"payload\":" + payload + ",\"signature\":\"" + crypto::base64(*signature) +
              "\",\"hashingAlgo\":\"sha512\",\"signingAlgo\":\"rsa2048\"}"));
}

TEST_CASE("a line with another payload is refused although it is well signed", "[proto][hostile]") {
  const std::string payload = proto::decode_envelope(good_line())->payload;
  const auto [from, to] = GENERATE(table<std::string, std::string>({
      {"0f8fad5b", "1f8fad5b"},                              // another session
      {"12:34:56.789012", "12:34:56.789013"},                // another client nonce
      {"12:34:57.123456", "12:34:57.123457"},                // another relay nonce
      {"12:34:57.123456", "12:34:57.12345"},                 // a shorter one
      {"}", ",\"x\":1}"},                                    // one member more
      {",\"rvdNonce\":\"2024-10-24T12:34:57.123456\"", ""},  // one less
      {"{", "{\"x\":1,"},
      {"\"sessionId\"", "\"sessionID\""},
      {"\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "[\"0f8fad5b-d9cb-469f-a165-70867728950e\"]"},
      {"\"2024-10-24T12:34:57.123456\"", "null"},
  }));
  const auto verdict = check(signed_line(replaced(payload, from, to)));
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().code() == Errc::bad_signature);
}

TEST_CASE("a line with its members in another order is refused", "[proto][hostile]") {
  const auto verdict =
      check(signed_line("{\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\","
                        "\"rvdNonce\":\"2024-10-24T12:34:57.123456\",\"clientNonce\":\"2024-10-"
                        "24T12:34:56.789012\"}"));
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().code() == Errc::bad_signature);
}

// any object that the key has signed looks alike; only these three members open a relay.
TEST_CASE("another signed message does not authenticate a socket", "[proto][hostile]") {
  CHECK_FALSE(check(test::wire("npt_envelope_563")));
  CHECK_FALSE(check(signed_line("{}")));
}

TEST_CASE("the right payload with a wrong signature is refused", "[proto][hostile]") {
  CHECK_FALSE(
      proto::check_relay_auth_line(good_line(), credentials(), test::other_key().public_key()));
  const auto verdict = check(replaced(good_line(), "\"signature\":\"f", "\"signature\":\"g"));
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().code() == Errc::bad_signature);
  CHECK_FALSE(check(replaced(good_line(), "\"sha256\"", "\"md5\"")));
}

TEST_CASE("what is no line to a relay is refused", "[proto][hostile]") {
  const auto line = GENERATE(as<std::string>{}, "", "GET / HTTP/1.1\r", "SSH-2.0-x", "{", "{}",
                             "\x16\x03\x01", std::string(4097, ' '), std::string(4096, '{'));
  const auto verdict = check(line);
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().code() == Errc::bad_syntax);
}

TEST_CASE("a line longer than the relay's limit is neither made nor taken", "[proto][hostile]") {
  CHECK(check(good_line() + std::string(4096 - good_line().size(), ' ')));
  const auto padded = check(good_line() + std::string(4097 - good_line().size(), ' '));
  REQUIRE_FALSE(padded);
  CHECK(padded.error().code() == Errc::bad_syntax);

  auto long_nonce = credentials();
  long_nonce.client_nonce.assign(4000, 'n');
  CHECK_FALSE(proto::relay_auth_line(long_nonce, test::key_t()));
}
