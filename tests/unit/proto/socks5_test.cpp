// SPDX-License-Identifier: BSD-3-Clause
// SOCKS 5 as RFC 1928 lays it out, and what is not SOCKS 5.
#include "noports/proto/socks5.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using namespace std::string_literals;
using proto::SocksReply;

namespace {

proto::SocksRequest request_of(const std::string& bytes) {
  const auto taken = proto::take_socks_request(bytes);
  REQUIRE(taken);
  REQUIRE(*taken);
  CHECK((*taken)->size == bytes.size());
  return (*taken)->message;
}

}  // namespace

TEST_CASE("a SOCKS greeting is read to its last method and no further", "[proto][socks][vectors]") {
  const auto bytes = "\x05\x02\x00\x02more"s;
  const auto taken = proto::take_socks_greeting(bytes);
  REQUIRE(taken);
  REQUIRE(*taken);
  CHECK((*taken)->size == 4);
  CHECK((*taken)->message.methods == std::vector<std::uint8_t>{0, 2});
  CHECK(proto::encode((*taken)->message) == bytes.substr(0, 4));
  for (std::size_t size = 0; size < 4; ++size) {
    const auto part = proto::take_socks_greeting(bytes.substr(0, size));
    REQUIRE(part);
    CHECK_FALSE(part->has_value());
  }
}

TEST_CASE("a SOCKS request names its destination in three ways", "[proto][socks][vectors]") {
  const auto [bytes, host] = GENERATE(table<std::string, std::string>({
      {"\x05\x01\x00\x01\xC0\x00\x02\x07\x01\xBB"s, "192.0.2.7"},
      {"\x05\x01\x00\x03\x0B"
       "db.internal\x01\xBB"s,
       "db.internal"},
      {"\x05\x01\x00\x04\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xBB"s, "2001:db8::1"},
  }));
  const auto request = request_of(bytes);
  CHECK(request.verdict == SocksReply::succeeded);
  CHECK(request.to == proto::Endpoint{host, 443});
  CHECK(proto::encode_socks_connect(request.to) == bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto part = proto::take_socks_request(bytes.substr(0, size));
    REQUIRE(part);
    CHECK_FALSE(part->has_value());
  }
}

TEST_CASE("what follows a SOCKS request is left alone", "[proto][socks]") {
  const auto taken = proto::take_socks_request("\x05\x01\x00\x01\x7F\x00\x00\x01\x00\x16SSH-2.0-"s);
  REQUIRE(taken);
  REQUIRE(*taken);
  CHECK((*taken)->size == 10);
}

TEST_CASE("a SOCKS request that cannot be done has a verdict", "[proto][socks][hostile]") {
  const auto [bytes, verdict] = GENERATE(table<std::string, SocksReply>({
      {"\x05\x02\x00\x01\x7F\x00\x00\x01\x00\x16"s, SocksReply::command_not_supported},
      {"\x05\x03\x00\x01\x7F\x00\x00\x01\x00\x16"s, SocksReply::command_not_supported},
      {"\x05\x01\x00\x02\x7F\x00\x00\x01\x00\x16"s, SocksReply::address_type_not_supported},
      {"\x05\x01\x00\x01\x7F\x00\x00\x01\x00\x00"s, SocksReply::host_unreachable},
      {"\x05\x01\x00\x03\x00\x00\x16"s, SocksReply::host_unreachable},
      {"\x05\x01\x00\x03\x03"
       "a\nb\x00\x16"s,
       SocksReply::host_unreachable},
      {"\x05\x01\x00\x03\x03"
       "a\0b\x00\x16"s,
       SocksReply::host_unreachable},
      {"\x05\x01\x00\x03\x02"
       "-x\x00\x16"s,
       SocksReply::host_unreachable},
      {"\x05\x01\x00\x03\x05[::1]\x00\x16"s, SocksReply::host_unreachable},
  }));
  CAPTURE(bytes);
  CHECK(request_of(bytes).verdict == verdict);
}

TEST_CASE("what is not SOCKS 5 is refused at its first byte", "[proto][socks][hostile]") {
  const auto [bytes, part] = GENERATE(table<std::string, std::string>({
      {"\x04\x01\x00\x16"s, "SOCKS 4"},
      {"CONNECT a:22 HTTP/1.1"s, "HTTP"},
      {"\x16\x03\x01"s, "not SOCKS 5"},
      {"\0"s, "not SOCKS 5"},
  }));
  CAPTURE(bytes);
  const auto greeting = proto::take_socks_greeting(bytes);
  REQUIRE_FALSE(greeting);
  CHECK(greeting.error().code() == Errc::bad_syntax);
  CHECK(greeting.error().what().find(part) != std::string::npos);
  CHECK_FALSE(proto::take_socks_request(bytes));
  CHECK_FALSE(proto::take_socks_greeting("\x05\0"s));
}

TEST_CASE("SOCKS replies have the reference's ten bytes", "[proto][socks][vectors]") {
  CHECK(proto::encode(SocksReply::succeeded) == "\x05\x00\x00\x01\0\0\0\0\0\0"s);
  CHECK(proto::encode(SocksReply::not_allowed) == "\x05\x02\x00\x01\0\0\0\0\0\0"s);
  CHECK(proto::encode_socks_method(proto::kSocksNoAuthentication) == "\x05\x00"s);
  CHECK(proto::encode_socks_method(proto::kSocksNoMethod) == "\x05\xFF"s);
}
