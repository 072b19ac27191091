// SPDX-License-Identifier: BSD-3-Clause
#include "noports/base/text.hpp"

#include <catch2/catch.hpp>

using namespace noports;

TEST_CASE("take removes a prefix that is there", "[base][text]") {
  std::string_view rest = "data:success";
  CHECK(take(rest, "data:"));
  CHECK(rest == "success");
  CHECK_FALSE(take(rest, "data:"));
  CHECK(rest == "success");
}

TEST_CASE("trim and split keep what is between", "[base][text]") {
  CHECK(trim(" \ta b\r\n") == "a b");
  CHECK(trim(" \n").empty());
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
}

TEST_CASE("numbers are whole and in range", "[base][text][hostile]") {
  CHECK(parse_number("0") == 0u);
  CHECK(parse_number("18446744073709551615") == 18446744073709551615u);
  const auto text = GENERATE(as<std::string>{}, "", "-1", "+1", " 1", "1 ", "1x", "0x10",
                             "18446744073709551616", "\xef\xbc\x91");
  CAPTURE(text);
  CHECK_FALSE(parse_number(text));
}

TEST_CASE("a port is 1 to 65535", "[base][text][hostile]") {
  CHECK(parse_port("1") == 1);
  CHECK(parse_port("65535") == 65535);
  // 65558 - 65536 = 22: a parser that truncates would permit ssh.
  const auto text = GENERATE(as<std::string>{}, "0", "65536", "65558", "-65514", "22 ", "");
  CAPTURE(text);
  CHECK_FALSE(parse_port(text));
}

TEST_CASE("signed numbers may be negative", "[base][text]") {
  CHECK(parse_signed("-1") == -1);
  CHECK(parse_signed("3888000") == 3888000);
  CHECK_FALSE(parse_signed("--1"));
  CHECK_FALSE(parse_signed("9223372036854775808"));
}

TEST_CASE("a UUID has its dashes in their places", "[base][text][hostile]") {
  CHECK(is_uuid("0f8fad5b-d9cb-469f-a165-70867728950e"));
  CHECK(is_uuid("0F8FAD5B-D9CB-469F-A165-70867728950E"));
  const auto text =
      GENERATE(as<std::string>{}, "", "0f8fad5bd9cb-469f-a165-70867728950e-", "../../../etc/passwd",
               "0f8fad5b-d9cb-469f-a165-70867728950e\n", "0f8fad5b-d9cb-469f-a165-70867728950g");
  CAPTURE(text);
  CHECK_FALSE(is_uuid(text));
}

TEST_CASE("text of a peer cannot move the cursor or start a line", "[base][text][hostile]") {
  CHECK(printable("a\r\nb\x1b[2J\x7f") == "a\\x0d\\x0ab\\x1b[2J\\x7f");
  CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");
  CHECK(printable("\xff\xc0\x80") == "\\xff\\xc0\\x80");
  CHECK(printable("caf\xc3\xa9 \xf0\x9f\x9b\xa0") == "caf\xc3\xa9 \xf0\x9f\x9b\xa0");
  CHECK(printable(std::string(300, 'x'), 10) == "xxxxxxxxxx...");
}

TEST_CASE("lower leaves what is not ASCII", "[base][text]") {
  CHECK(lower("ABC\xc3\x89z") == "abc\xc3\x89z");
}
TEST_CASE("UTF-8 is well formed or it is not", "[base][text][hostile]") {
  for (const std::string_view good : {"", "abc", "\x7f", "\u00e9", "\u20ac", "\U0001f6e0"}) {
    CHECK(is_utf8(good));
  }
  // Lone continuation, overlong, surrogate, above U+10FFFF, cut short.
  for (const std::string_view bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                     "\xf4\x90\x80\x80", "\xf8", "ab\xe2\x82"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}
