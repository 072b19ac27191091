// SPDX-License-Identifier: BSD-3-Clause
#include "noports/keys/registrar_calls.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using keys::decode_activated;
using keys::decode_code_sent;

namespace {

const at::Atsign kAlice = *at::Atsign::parse("@alice");

crypto::Secret secret(std::string_view text) { return crypto::Secret(text); }

Errc activated_error(int status, std::string_view body) {
  const auto got = decode_activated(status, body, kAlice);
  if (got) FAIL("a secret of " << body);
  return got.error().code();
}

}  // namespace

TEST_CASE("the calls to a registrar are written as the reference writes them",
          "[keys][registrar]") {
  CHECK(encode(keys::RegistrarRequest{kAlice, crypto::Secret()}).text() ==
        R"({"atsign":"@alice"})");
  CHECK(encode(keys::RegistrarRequest{kAlice, secret("A1B2")}).text() ==
        R"({"atsign":"@alice","otp":"A1B2"})");
  CHECK(keys::encode_code_sent() == R"({"message":"Sent Successfully"})");
  CHECK(keys::encode_activated(kAlice, secret("s3:cret")).text() ==
        R"({"message":"Verified","cramkey":"@alice:s3:cret"})");
}

TEST_CASE("each end of the registrar's calls reads what the other writes", "[keys][registrar]") {
  const auto asked =
      keys::decode_send_code(encode(keys::RegistrarRequest{kAlice, crypto::Secret()}).text());
  REQUIRE(asked);
  CHECK(asked->atsign == kAlice);
  CHECK(asked->code.empty());
  const auto redeemed =
      keys::decode_activate(encode(keys::RegistrarRequest{kAlice, secret("a1b2")}).text());
  REQUIRE(redeemed);
  CHECK(redeemed->code.text() == "A1B2");
  CHECK(decode_code_sent(200, keys::encode_code_sent()));
  const auto given =
      decode_activated(200, keys::encode_activated(kAlice, secret("s3:cret")).text(), kAlice);
  REQUIRE(given);
  CHECK(given->text() == "s3:cret");
}

TEST_CASE("a registrar refuses what is no request of its own", "[keys][registrar][hostile]") {
  for (const std::string body : {"", "{", "[]", "null", "{}", R"({"atsign":1})",
                                 R"({"atsign":"a b"})", R"({"atsign":"@a\n"})"}) {
    CAPTURE(body);
    CHECK_FALSE(keys::decode_send_code(body));
    CHECK_FALSE(keys::decode_activate(body));
  }
  for (const std::string body : {R"({"atsign":"@alice"})", R"({"atsign":"@alice","otp":1})",
                                 R"({"atsign":"@a","otp":""})"}) {
    CHECK(keys::decode_send_code(body));
    CHECK_FALSE(keys::decode_activate(body));
  }
  CHECK_FALSE(keys::decode_send_code(std::string(5000, '[')));
  CHECK_FALSE(keys::decode_send_code(R"({"atsign":"@alice")" + std::string(5000, ' ') + "}"));
}

TEST_CASE("a code is on its way when the registrar says so, and not otherwise",
          "[keys][registrar][hostile]") {
  CHECK(decode_code_sent(200, R"({"message":"Code Sent Successfully to a...@b","x":[1]})"));
  const auto reason = decode_code_sent(200, R"({"message":"No such\natsign"})");
  REQUIRE_FALSE(reason);
  CHECK(reason.error().code() == Errc::refused);
  CHECK(reason.error().what() == "it sends no code: No such\\x0aatsign");
  CHECK(decode_code_sent(200, "{}").error().code() == Errc::refused);
  CHECK(decode_code_sent(200, R"({"message":7})").error().code() == Errc::refused);
  for (const std::string body : {"", "<html>", "[]", "\"Sent Successfully\"", "{\"message\":"}) {
    CHECK(decode_code_sent(200, body).error().code() == Errc::bad_syntax);
  }
  CHECK(decode_code_sent(200, std::string(9, '[') + std::string(9, ']')).error().code() ==
        Errc::bad_syntax);
  CHECK(decode_code_sent(200, "{}" + std::string(20'000, ' ')).error().code() == Errc::bad_syntax);
  const auto many = decode_code_sent(429, R"({"message":"Too many"})");
  CHECK(many.error().code() == Errc::busy);
  CHECK(many.error().what() == "Too many");
  const auto lost = decode_code_sent(404, "<html>");
  CHECK(lost.error().code() == Errc::refused);
  CHECK(lost.error().what() == "it answers with HTTP status 404");
  CHECK(decode_code_sent(503, "").error().code() == Errc::io);
  CHECK(decode_code_sent(302, R"({"message":"Sent Successfully"})").error().code() ==
        Errc::refused);
}

TEST_CASE("a wrong code is told from a registrar that fails", "[keys][registrar][hostile]") {
  const auto wrong = decode_activated(200, R"({"message":"The code is invalid"})", kAlice);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code() == Errc::rejected);
  CHECK(wrong.error().hop() == Hop::local);  // it is we who could not prove anything
  CHECK(wrong.error().what() == "The code is invalid");
  CHECK(activated_error(200, "{}") == Errc::rejected);
  CHECK(activated_error(200, R"({"message":"Verified","cramkey":""})") == Errc::rejected);
  CHECK(activated_error(200, R"({"message":"No","cramkey":"@alice:s"})") == Errc::rejected);
  CHECK(activated_error(200, R"({"message":"Verified","cramkey":5})") == Errc::rejected);
  CHECK(activated_error(409, R"({"message":"x"})") == Errc::refused);
  CHECK(activated_error(500, "") == Errc::io);
  CHECK(activated_error(200, "Verified") == Errc::bad_syntax);
}

TEST_CASE("the secret of another atSign is not taken, nor one that is no word",
          "[keys][registrar][hostile]") {
  for (const std::string key : {"s3cret", ":s3cret", "@bob:s3cret", "@alice:", "@alice: ",
                                "@alice:two words", R"(@alice:a\nb)", R"(@alice:\u0000)"}) {
    CAPTURE(key);
    CHECK(activated_error(200, R"({"message":"Verified","cramkey":")" + key + "\"}") ==
          Errc::bad_syntax);
  }
  CHECK(activated_error(200, R"({"message":"Verified","cramkey":"@alice:)" +
                                 std::string(5000, 'x') + "\"}") == Errc::bad_syntax);
  CHECK(decode_activated(200, R"({"message":"Verified","cramkey":"Alice:s"})", kAlice)->text() ==
        "s");
}

TEST_CASE("what a person types is a code when it has four characters", "[keys][registrar]") {
  CHECK(keys::parse_registrar_code(" a1b2\r\n")->text() == "A1B2");
  CHECK(keys::parse_registrar_code("9zZ-")->text() == "9ZZ-");
  for (const auto* typed : {"", "abc", "abcde", "-abc", "a bc", "a\tbc",
                            "\xc3\xa9"
                            "ab"}) {
    CHECK(keys::parse_registrar_code(typed).error().code() == Errc::config);
  }
}
