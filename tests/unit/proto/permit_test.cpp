// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/permit.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace noports;
using proto::PermitList;
using proto::PermitRule;

namespace {

bool allows(const std::string& rules, std::string_view host, std::uint16_t port) {
  const auto list = PermitList::parse(rules);
  REQUIRE(list);
  return list->allows(host, port);
}

}  // namespace

TEST_CASE("a permit rule survives being written and read", "[proto]") {
  const auto [typed, text] = GENERATE(table<std::string, std::string>({
      {"localhost:22", "localhost:22"},
      {"*:*", "*:*"},
      {"*:22", "*:22"},
      {"Host.Example:*", "host.example:*"},
      {"[::1]:22", "[::1]:22"},
      {"[2001:DB8::1]:*", "[2001:db8::1]:*"},
      {" \tlocalhost:3389 ", "localhost:3389"},
      {"203.0.113.7:65535", "203.0.113.7:65535"},
  }));
  CAPTURE(typed);
  const auto rule = PermitRule::parse(typed);
  REQUIRE(rule);
  CHECK(rule->str() == text);
  CHECK(*PermitRule::parse(rule->str()) == *rule);
}

// S20: the C parser takes 0 for every port and truncates numbers to 16 bits.
TEST_CASE("what is no permit rule is refused, with what to write", "[proto][hostile]") {
  const auto text =
      GENERATE(as<std::string>{}, "", " ", ":", "localhost", "localhost:", ":22", "localhost:0",
               "localhost:65536", "localhost:65558", "localhost:-65514", "localhost:+22",
               "localhost:22x", "localhost:2 2", "localhost: 22", "localhost:0x16", "local host:22",
               "a,b:22", "::1:22", "[::1]", "[::1:22", "[localhost]:22", "-x:22",
               "*.example.com:22", "**:22", "10.0.0.0/8:22", "h\n:22", "h:22\x01");
  CAPTURE(text);
  const auto rule = PermitRule::parse(text);
  REQUIRE_FALSE(rule);
  CHECK(rule.error().code() == Errc::bad_syntax);
  CHECK_FALSE(rule.error().hint().empty());
}

TEST_CASE("a list permits what one of its rules permits", "[proto]") {
  CHECK(allows("localhost:22, localhost:3389", "localhost", 3389));  // S20: the blank drops nothing
  CHECK_FALSE(allows("localhost:22,localhost:3389", "localhost", 80));
  CHECK(allows("db:*", "db", 5432));
  CHECK_FALSE(allows("db:*", "db2", 5432));
  CHECK(allows("*:443", "anything.example", 443));
  CHECK_FALSE(allows("*:443", "anything.example", 80));
  CHECK(allows("DB.example:1", "db.EXAMPLE", 1));
  CHECK(PermitList::everything().allows("x", 1));
  CHECK_FALSE(allows("", "localhost", 22));
  CHECK_FALSE(PermitList().allows("localhost", 22));
}

TEST_CASE("the loopback names are one host", "[proto]") {
  const auto rule = GENERATE(as<std::string>{}, "localhost:22", "127.0.0.1:22", "[::1]:22");
  for (const auto* host : {"localhost", "LocalHost", "127.0.0.1", "::1", "[::1]"}) {
    CAPTURE(rule, host);
    CHECK(allows(rule, host, 22));
  }
}

TEST_CASE("nothing else is taken for a host that is permitted", "[proto][hostile]") {
  for (const auto* host : {"", "localhost.", "localhost.example", "127.0.0.2", "127.1",
                           "2130706433", "0.0.0.0", "::", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1",
                           "xlocalhost", "*", "localhost:22", "[localhost]x"}) {
    CAPTURE(host);
    CHECK_FALSE(allows("localhost:22", host, 22));
  }
}

TEST_CASE("one bad rule spoils the list and is named", "[proto][hostile]") {
  const auto list = PermitList::parse("localhost:22,localhost:0");
  REQUIRE_FALSE(list);
  CHECK(list.error().what().find("'localhost:0'") != std::string::npos);
  CHECK_FALSE(PermitList::parse("localhost:22,"));
  CHECK_FALSE(PermitList::parse(",,"));
}

TEST_CASE("the texts of a list keep its order", "[proto]") {
  const auto list = PermitList::parse("b:2 , a:*,[::1]:22");
  REQUIRE(list);
  CHECK(list->texts() == std::vector<std::string>{"b:2", "a:*", "[::1]:22"});
}
