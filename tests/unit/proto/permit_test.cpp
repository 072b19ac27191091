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
      {"web:8000-8100", "web:8000-8100"},
      {"web:80-80", "web:80"},
      {"web:1-65535", "web:*"},
      {"10.0.0.0/8:22", "10.0.0.0/8:22"},
      {"0.0.0.0/0:443", "0.0.0.0/0:443"},
      {"10.1.2.3/32:22", "10.1.2.3:22"},
      {"[2001:DB8::/32]:1-1024", "[2001:db8::/32]:1-1024"},
      {"[2001:db8::]/32:*", "[2001:db8::/32]:*"},
      {"[0:0:0:0:0:0:0:1]:22", "[::1]:22"},
      {"[fe80::1%ETH0]:22", "[fe80::1%eth0]:22"},
  }));
  CAPTURE(typed);
  const auto rule = PermitRule::parse(typed);
  REQUIRE(rule);
  CHECK(rule->str() == text);
  CHECK(*PermitRule::parse(rule->str()) == *rule);
}

// S20: the C parser takes 0 for every port and truncates numbers to 16 bits.
TEST_CASE("what is no permit rule is refused, with what to write", "[proto][hostile]") {
  const auto text = GENERATE(
      as<std::string>{}, "", " ", ":", "localhost", "localhost:", ":22", "localhost:0",
      "localhost:65536", "localhost:65558", "localhost:-65514", "localhost:+22", "localhost:22x",
      "localhost:2 2", "localhost: 22", "localhost:0x16", "local host:22", "a,b:22", "::1:22",
      "[::1]", "[::1:22", "[localhost]:22", "-x:22", "*.example.com:22", "**:22", "h\n:22",
      "h:22\x01", "h:22-", "h:-22", "h:23-22", "h:0-22", "h:22-65536", "h:22-*", "h:22-23-24",
      "h:*-22", "10.1.2.3/8:22", "10.0.0.0/33:22", "10.0.0.0/-1:22", "10.0.0.0/:22",
      "10.0.0.0/8/8:22", "10.0.0/8:22", "host/8:22", "*/0:22", "2001:db8::/32:22",
      "[2001:db8::/129]:22", "[2001:db8::1/32]:22", "[10.0.0.0/8]:22", "[2001:db8::/32]/32:22",
      "[fe80::%eth0/10]:22", "[:::]:22", "[1:2:3]:22", "[::1%]:22",
      std::string("10.0.0.0\0/8:22", 15));
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

TEST_CASE("a range permits its ports, both ends among them", "[proto]") {
  constexpr std::uint16_t kInside[] = {8000, 8050, 8100};
  constexpr std::uint16_t kOutside[] = {0, 1, 7999, 8101, 65535};
  for (const auto port : kInside) CHECK(allows("web:8000-8100", "web", port));
  for (const auto port : kOutside) {
    CHECK_FALSE(allows("web:8000-8100", "web", port));
  }
  CHECK_FALSE(allows("web:*", "web", 0));
}

TEST_CASE("a network permits the addresses in it", "[proto]") {
  CHECK(allows("10.0.0.0/8:22", "10.255.0.1", 22));
  CHECK_FALSE(allows("10.0.0.0/8:22", "11.0.0.1", 22));
  CHECK_FALSE(allows("10.0.0.0/8:22", "10.0.0.1", 23));
  CHECK(allows("192.168.1.64/26:*", "192.168.1.127", 1));
  CHECK_FALSE(allows("192.168.1.64/26:*", "192.168.1.128", 1));
  CHECK(allows("[2001:db8::/33]:22", "2001:db8:7fff::1", 22));
  CHECK(allows("[2001:db8::/33]:22", "[2001:DB8:7FFF::1]", 22));
  CHECK_FALSE(allows("[2001:db8::/33]:22", "2001:db8:8000::1", 22));
  CHECK(allows("[fe80::/10]:22", "fe80::1%eth0", 22));
}

TEST_CASE("an address is what it is, however it is written", "[proto]") {
  CHECK(allows("[2001:db8::1]:22", "2001:0DB8:0:0::0001", 22));
  CHECK(allows("[2001:db8::a00:1]:22", "2001:db8::10.0.0.1", 22));
  CHECK_FALSE(allows("[fe80::1%eth0]:22", "fe80::1%eth1", 22));
  CHECK_FALSE(allows("[fe80::1%eth0]:22", "fe80::1", 22));
}

// A resolver would make addresses of these; we do not guess which.
TEST_CASE("what is no address is in no network", "[proto][hostile]") {
  for (const auto* host : {"10.1", "10.0.0.01", "012.0.0.1", "0x0a000001", "167772161", "10.0.0.1.",
                           "10.0.0.1.example", "10.0.0.256", "ten", "", "::10.0.0.1"}) {
    CAPTURE(host);
    CHECK_FALSE(allows("0.0.0.0/0:22", host, 22));
  }
  // IPv4 in the clothes of IPv6 does not slip through a rule about IPv6.
  CHECK_FALSE(allows("[::/0]:22", "::ffff:10.0.0.1", 22));
  CHECK_FALSE(allows("0.0.0.0/0:22", "::ffff:10.0.0.1", 22));
  CHECK(allows("*:22", "::ffff:10.0.0.1", 22));
}

TEST_CASE("the loopback names are one host", "[proto]") {
  const auto rule = GENERATE(as<std::string>{}, "localhost:22", "127.0.0.1:22", "[::1]:22",
                             "127.0.0.0/8:22", "[::/64]:22");
  for (const auto* host :
       {"localhost", "LocalHost", "127.0.0.1", "::1", "[::1]", "0:0:0:0:0:0:0:1"}) {
    CAPTURE(rule, host);
    CHECK(allows(rule, host, 22));
  }
}

TEST_CASE("nothing else is taken for a host that is permitted", "[proto][hostile]") {
  for (const auto* host : {"", "localhost.", "localhost.example", "127.0.0.2", "127.1",
                           "2130706433", "0.0.0.0", "::", "0:0:0:0:0:0:0:2", "::ffff:127.0.0.1",
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

TEST_CASE("of what a policy sends, that counts which can be read", "[proto][hostile]") {
  const auto list = PermitList::readable({"localhost:22", "localhost:0", "", "10.0.0.0/8:*", "x"});
  CHECK(list.texts() == std::vector<std::string>{"localhost:22", "10.0.0.0/8:*"});
  CHECK(PermitList::readable({"nonsense"}).empty());
}

TEST_CASE("the rule that decides is named", "[proto]") {
  const auto list = PermitList::parse("10.0.0.0/8:22,10.1.0.0/16:*,*:443");
  REQUIRE(list);
  CHECK(list->find("10.1.2.3", 22)->str() == "10.0.0.0/8:22");
  CHECK(list->find("10.1.2.3", 80)->str() == "10.1.0.0/16:*");
  CHECK(list->find("web", 443)->str() == "*:443");
  CHECK(list->find("web", 80) == nullptr);
}

TEST_CASE("an endpoint is a host and a port", "[proto]") {
  CHECK(proto::Endpoint::parse(" localhost:22 ")->str() == "localhost:22");
  CHECK(proto::Endpoint::parse("[::1]:22")->host == "::1");
  CHECK(proto::Endpoint::parse("[::1]:22")->str() == "[::1]:22");
  for (const auto* text : {"", "localhost", "localhost:", ":22", "localhost:0", "localhost:*",
                           "*:22", "::1:22", "10.0.0.0/8:22", "a b:22", "localhost:22-23"}) {
    CAPTURE(text);
    CHECK_FALSE(proto::Endpoint::parse(text));
  }
}
