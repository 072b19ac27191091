// SPDX-License-Identifier: BSD-3-Clause
// -L and --socks as ssh's users write them.
#include "npt/forward.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using apps::npt::Forward;

TEST_CASE("npt: -L names a local port and a destination", "[apps][npt]") {
  const auto [text, local_host, local_port, host, port] =
      GENERATE(table<std::string, std::string, int, std::string, int>({
          {"8080:localhost:80", "", 8080, "localhost", 80},
          {"0:db.internal:5432", "", 0, "db.internal", 5432},
          {"127.0.0.2:8080:10.0.0.1:80", "127.0.0.2", 8080, "10.0.0.1", 80},
          {"localhost:8080:host:80", "localhost", 8080, "host", 80},
          {"[::1]:8080:[2001:db8::1]:80", "::1", 8080, "2001:db8::1", 80},
          {"8080:[::1]:80", "", 8080, "::1", 80},
          {"*:8080:host:80", "0.0.0.0", 8080, "host", 80},
      }));
  CAPTURE(text);
  const auto forward = apps::npt::parse_forward(text);
  REQUIRE(forward);
  CHECK(forward->local_host == local_host);
  CHECK(forward->local_port == local_port);
  REQUIRE(forward->target);
  CHECK(forward->target->host == host);
  CHECK(forward->target->port == port);
}

TEST_CASE("npt: --socks names a local port", "[apps][npt]") {
  CHECK(*apps::npt::parse_socks("1080") == Forward{"", 1080, std::nullopt});
  CHECK(*apps::npt::parse_socks("[::1]:1080") == Forward{"::1", 1080, std::nullopt});
  CHECK(*apps::npt::parse_socks("127.0.0.1:0") == Forward{"127.0.0.1", 0, std::nullopt});
}

TEST_CASE("npt: forwards that are none are refused", "[apps][npt][hostile]") {
  const auto* const text = GENERATE(
      "", ":", "8080", "8080:80", "8080:host", "host:80", "8080:host:0", "8080:host:65536",
      "65536:host:80", "-1:host:80", "x:host:80", ":8080:host:80", "8080::80", "8080:ho st:80",
      "8080:::1:80", "a:b:8080:host:80", "::1:8080:host:80", "[::1:8080:host:80", "8080:[::1:80",
      "8080:host:80:90", "[]:8080:host:80", "8080:-host:80", "a\nb:8080:host:80");
  CAPTURE(text);
  const auto forward = apps::npt::parse_forward(text);
  REQUIRE_FALSE(forward);
  CHECK(forward.error().code() == Errc::bad_syntax);
  CHECK_FALSE(forward.error().hint().empty());
}

TEST_CASE("npt: SOCKS ports that are none are refused", "[apps][npt][hostile]") {
  const auto* const text = GENERATE("", ":", "x", "65536", ":1080", "::1:1080", "a:b:1080",
                                    "host:", "[::1]", "a b:1080");
  CAPTURE(text);
  CHECK_FALSE(apps::npt::parse_socks(text));
}
