// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/json.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "noports/proto/address.hpp"

using namespace noports;
using proto::json::Object;
using proto::json::Writer;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a writer escapes as the reference does and keeps the order of the calls", "[proto]") {
  Writer out;
  out.text("z", "a/b\"\\\b\f\n\r\t\x01\x1f\x7f\xc3\xa9")
      .number("n", -7)
      .flag("t", true)
      .null("a")
      .texts("l", {"x", "y"})
      .texts("e", {})
      .raw("o", "{}");
  // noports-wire.md 6: '/', 0x7f and non-ASCII raw, controls as short escapes or lower-case \u00xx
  CHECK(out.finish() ==
        "{\"z\":\"a/b\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\",\"n\":-7,\"t\":true,"
        "\"a\":null,\"l\":[\"x\",\"y\"],\"e\":[],\"o\":{}}");
}

TEST_CASE("an object gives the exact bytes of a member and its own compact form", "[proto]") {
  const std::string text =
      " { \"n\" : 12 , \"a\":[{\"p\":{}}], \"q\":{\"p\":{\"x\":1}} ,\"\\u0070\" : "
      "{ \"s\" : \"}{\\\"\\\\\", \"n\":-3 }, \"o\":{} }\r\n";
  auto in = Object::parse(text, "test");
  REQUIRE(in);
  CHECK(in->slice("p") == "{ \"s\" : \"}{\\\"\\\\\", \"n\":-3 }");
  CHECK(in->slice("q") == "{\"p\":{\"x\":1}}");
  CHECK(in->slice("o") == "{}");
  CHECK_FALSE(in->problem());
  CHECK(
      in->canonical() ==
      "{\"n\":12,\"a\":[{\"p\":{}}],\"q\":{\"p\":{\"x\":1}},\"p\":{\"s\":\"}{\\\"\\\\\",\"n\":-3},"
      "\"o\":{}}");
}

TEST_CASE("the slice is found behind numbers, blanks and nested brackets alike", "[proto]") {
  const auto before = GENERATE(as<std::string>{}, "", "\"a\":1,", "\"a\":1.5e3 ,", "\"a\":[1,[2]],",
                               "\"a\":true\n,\t", "\"a\":{\"payload\":{\"evil\":1}},");
  const auto payload = GENERATE(as<std::string>{}, "{}", "{\"b\":2}", "{\"b\":[{}]}", "{ }");
  const auto text = "{" + before + "\"payload\":" + payload + ",\"z\":0}";
  CAPTURE(text);
  auto in = Object::parse(text, "test");
  REQUIRE(in);
  CHECK(in->slice("payload") == payload);
}

TEST_CASE("an object refuses what two readers could understand differently", "[proto][hostile]") {
  const auto text = GENERATE(
      as<std::string>{}, "", " ", "null", "[]", "\"x\"", "7", "{", "}", "{]", "{\"a\"}", "{\"a\":}",
      "{\"a\":1,}", "{'a':1}", "{a:1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":NaN}", "{\"a\":1e999}",
      "{} {}", "{}x", "// c\n{}", "{\"a\":1}/**/", "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}",
      "{\"a\":\"\\ud800\"}", "{\"a\":\"\\x\"}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}",
      "{\"o\":{\"a\":1,\"a\":2}}", "{\"o\":[{\"a\":1,\"a\":2}]}");
  CAPTURE(text);
  const auto in = Object::parse(text, "test");
  REQUIRE_FALSE(in);
  CHECK(in.error().code() == Errc::bad_syntax);
}

TEST_CASE("an object does not end at a NUL byte", "[proto][hostile]") {
  using namespace std::string_literals;
  CHECK_FALSE(Object::parse("{}\0{\"a\":1}"s, "test"));
  CHECK_FALSE(Object::parse("{\"a\":1}\0"s, "test"));
}

TEST_CASE("an object is bounded in depth, size and members", "[proto][hostile]") {
  const auto nested = [](int levels) {  // levels counts the root too
    return "{\"a\":" + repeated("[", levels - 1) + repeated("]", levels - 1) + "}";
  };
  CHECK(Object::parse(nested(16), "test"));
  CHECK_FALSE(Object::parse(nested(17), "test"));
  CHECK_FALSE(Object::parse("{\"a\":" + repeated("[", 60000), "test"));

  const auto sized = [](std::size_t size) {
    return "{\"a\":\"" + std::string(size - 8, 'x') + "\"}";
  };
  CHECK(Object::parse(sized(65536), "test"));
  CHECK_FALSE(Object::parse(sized(65537), "test"));

  const auto wide = [](int members) {
    std::string text = "{\"m\":0";
    for (int i = 1; i < members; ++i) text += ",\"" + std::to_string(i) + "\":0";
    return text + "}";
  };
  CHECK(Object::parse(wide(1024), "test"));
  CHECK_FALSE(Object::parse(wide(1025), "test"));
}

TEST_CASE("the first member that does not fit is named", "[proto]") {
  auto in = Object::parse("{\"a\":\"22\",\"b\":7}", "test");
  REQUIRE(in);
  in->port("a");
  in->text("b");
  REQUIRE(in->problem());
  CHECK(in->problem()->what() == "test: member 'a' must be an integer from 1 to 65535");
}

TEST_CASE("a port is an integer from 1 to 65535 and nothing like one", "[proto][hostile]") {
  const auto value =
      GENERATE(as<std::string>{}, "0", "-1", "65536", "65558", "-65514", "22.0", "2.2e1", "\"22\"",
               "null", "true", "[22]", "{}", "4294967318", "18446744073709551615",
               "18446744073709551638", "99999999999999999999999");
  CAPTURE(value);
  const auto text = "{\"p\":" + value + "}";
  auto in = Object::parse(text, "test");
  REQUIRE(in);
  in->port("p");
  CHECK(in->problem());
}

TEST_CASE("texts of a peer hold no control characters and have a limit", "[proto][hostile]") {
  const auto value = GENERATE(as<std::string>{}, "\"a\\nb\"", "\"\\u0000\"", "\"\\u001b[31m\"",
                              "\"\\u007f\"", "1", "{}", "[]", "false", "\"123456789\"");
  CAPTURE(value);
  const auto text = "{\"t\":" + value + "}";
  auto in = Object::parse(text, "test");
  REQUIRE(in);
  CHECK_FALSE(in->maybe_text("t", 8));
  CHECK(in->problem());
}

TEST_CASE("arrays of texts are bounded and hold texts only", "[proto][hostile]") {
  const auto value = GENERATE(as<std::string>{}, "\"a\"", "{}", "[1]", "[\"a\",null]",
                              "[\"a\",\"b\",\"c\"]", "[[\"a\"]]", "[\"a\\n\"]");
  CAPTURE(value);
  const auto text = "{\"l\":" + value + "}";
  auto in = Object::parse(text, "test");
  REQUIRE(in);
  CHECK(in->texts("l", 2).empty());
  CHECK(in->problem());
}

TEST_CASE("hosts are names and addresses", "[proto]") {
  const auto host =
      GENERATE(as<std::string>{}, "localhost", "relay.example.com", "203.0.113.7", "::1", "[::1]",
               "2001:db8::7", "fe80::1%eth0", "::ffff:192.0.2.1", "my_host", "a-b");
  CAPTURE(host);
  CHECK(proto::is_host(host));
}

TEST_CASE("what is no host is refused", "[proto][hostile]") {
  const auto host =
      GENERATE(as<std::string>{}, "", "-oProxyCommand=x", "a b", "a\n", "a,b", "a/b", "a@b", "a:22",
               "[a]", "[::1", "::1]", "[]", "[[::1]]", "fe80::1%", "fe80::1%-x", "*", "$(x)",
               "h\xc3\xa9", ":", "a%b", std::string(256, 'a'));
  CAPTURE(host);
  CHECK_FALSE(proto::is_host(host));
}
