// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/join_message.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using namespace noports::atserver;

namespace {

const std::string kSecret(64, 'a');
const std::string kGuest(32, '1');

at::Atsign atsign(const char* name) { return *at::Atsign::parse(name); }

std::string request_with(const std::string& members) {
  return R"({"guest":")" + kGuest + R"(","host":"b.example.net")" + members + "}";
}

}  // namespace

TEST_CASE("the lines of joining are exact", "[atserver][join][vectors]") {
  const JoinToken token{"0011aabb", crypto::Secret{std::string_view(kSecret)}, {}};
  CHECK(encode_join_line(token).text() == "join:0011aabb." + kSecret);
  JoinRequest request;
  request.guest = kGuest;
  request.host = "b.example.net";
  CHECK(encode(request) == request_with(""));
  request.atsigns.emplace(
      std::vector<HostedAtsign>{{atsign("@bob"), 10301}, {atsign("@alice"), 10300}});
  request.request = "-----BEGIN X\n";
  CHECK(encode(request) == R"({"atsigns":{"@alice":10300,"@bob":10301},"guest":")" + kGuest +
                               R"(","host":"b.example.net","request":"-----BEGIN X\n"})");
  CHECK(join_go_ahead() == "{}");
  CHECK(encode(JoinAnswer{"-----BEGIN Y\n", {{atsign("@bob"), "taken"}}}) ==
        R"({"chain":"-----BEGIN Y\n","refused":{"@bob":"taken"}})");
  CHECK(encode_join_refusal(Error(Errc::rejected, "no").hint("ask")) ==
        R"({"code":"rejected","error":"no","hint":"ask"})");
}

TEST_CASE("what a guest says is read as it was written", "[atserver][join]") {
  const auto claim = decode_join_line("join:0011aabb." + kSecret);
  REQUIRE(claim);
  CHECK(claim->id == "0011aabb");
  CHECK(claim->secret.text() == kSecret);
  const auto request = decode_join_request(
      request_with(R"(,"atsigns":{"@alice":10300},"request":"-----BEGIN X","more":[1])"));
  REQUIRE(request);
  CHECK(request->guest == kGuest);
  CHECK(request->host == "b.example.net");
  CHECK(*request->atsigns == std::vector<HostedAtsign>{{atsign("@alice"), 10300}});
  CHECK(request->request == "-----BEGIN X");
  CHECK_FALSE(decode_join_request(request_with(""))->atsigns);
  CHECK(decode_join_request(request_with(R"(,"atsigns":{})"))->atsigns->empty());
}

TEST_CASE("what the host says is read as it was written", "[atserver][join]") {
  const auto answer =
      decode_join_answer(R"(@{"chain":"-----BEGIN Y","refused":{"@bob":"taken \u001b[2J"}})");
  REQUIRE(answer);
  CHECK(answer->chain == "-----BEGIN Y");
  REQUIRE(answer->refused.size() == 1);
  CHECK(answer->refused[0].atsign == atsign("@bob"));
  CHECK(answer->refused[0].why == "taken \\x1b[2J");  // fit for a terminal
  CHECK(decode_join_answer("@{}\r"));
  const auto refusal = decode_join_answer(
      encode_join_refusal(Error(Errc::rejected, "it was withdrawn").hint("ask for a new one")));
  REQUIRE_FALSE(refusal);
  CHECK(refusal.error().code() == Errc::rejected);
  CHECK(refusal.error().what() == "it was withdrawn");
  CHECK(refusal.error().hint() == "ask for a new one");
  CHECK(decode_join_answer(R"({"error":"no","code":"whatever"})").error().code() == Errc::refused);
}

TEST_CASE("a token survives its file", "[atserver][join]") {
  const auto token = new_join_token("-----BEGIN CERTIFICATE-----\n");
  const auto again = decode_token_file(encode_token_file(token).text());
  REQUIRE(again);
  CHECK(again->id == token.id);
  CHECK(again->secret.text() == token.secret.text());
  CHECK(again->ca == token.ca);
  CHECK(new_join_token({}).secret.text() != token.secret.text());
  CHECK(decode_token_file(encode_token_file(new_join_token({})).text())->ca.empty());
  CHECK(join_secret_hash(token.secret.text()).find(token.secret.text()) == std::string::npos);
}

TEST_CASE("what is no token is not taken for one", "[atserver][join][hostile]") {
  const auto line =
      GENERATE(as<std::string>{}, "join:", "join:.", "join:0011aabb", "join:0011aabb.",
               "join:0011AABB." + kSecret, "join:0011aabb." + kSecret + "0",
               "join:0011aabb." + kSecret + " ", "join:0011aab." + kSecret,
               "join: 0011aabb." + kSecret, "0011aabb." + kSecret);
  CAPTURE(line);
  CHECK_FALSE(decode_join_line(line));
  const auto text = GENERATE(as<std::string>{}, "", "null", "[]", "{}", R"({"id":"0011aabb"})",
                             R"({"id":"0011aabb","secret":1})", R"({"id":"0011aabb","secret":"a"})",
                             R"({"id":"../../../","secret":"a"})");
  CAPTURE(text);
  CHECK_FALSE(decode_token_file(text));
  CHECK_FALSE(decode_token_file(R"({"id":"0011aabb","ca":"x","secret":")" + kSecret + "\"}"));
}

TEST_CASE("a request that says something impossible is refused", "[atserver][join][hostile]") {
  const auto line = GENERATE(
      as<std::string>{}, "", "null", "[]", "{}", "{\"guest\":1}", std::string(5000, '['),
      request_with(R"(,"atsigns":[])"), request_with(R"(,"atsigns":{"@alice":0})"),
      request_with(R"(,"atsigns":{"@alice":65536})"), request_with(R"(,"atsigns":{"@alice":-1})"),
      request_with(R"(,"atsigns":{"@alice":"1"})"), request_with(R"(,"atsigns":{"alice":1})"),
      request_with(R"(,"atsigns":{"@Alice":1})"), request_with(R"(,"atsigns":{"@al ice":1})"),
      request_with(R"(,"atsigns":{"@al\nice":1})"), request_with(R"(,"request":"text")"),
      request_with(R"(,"request":["-----BEGIN X"])"), R"({"guest":"x","host":"b.example.net"})",
      R"({"guest":")" + kGuest + R"(","host":""})", R"({"guest":")" + kGuest + R"(","host":"b c"})",
      R"({"guest":")" + kGuest + R"(","host":"b:1"})",
      R"({"guest":")" + kGuest + R"(","host":"b,DNS:a.example.net"})");
  CAPTURE(line);
  CHECK_FALSE(decode_join_request(line));
}

TEST_CASE("what is no answer to joining is not believed", "[atserver][join][hostile]") {
  const auto line =
      GENERATE(as<std::string>{}, "", "null", "@null", "[]", "data:ok", "@@", R"({"chain":1})",
               R"({"chain":"text"})", R"({"refused":[]})", R"({"refused":{"@bob":1}})",
               R"({"refused":{"b ob":"x"}})", R"({"error":1})", R"({"error":"x","code":1})");
  CAPTURE(line);
  const auto answer = decode_join_answer(line);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::bad_syntax);
}
