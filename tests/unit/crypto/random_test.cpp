// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/random.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "noports/base/text.hpp"

using namespace noports;
using namespace noports::crypto;

TEST_CASE("random values are of the size asked for and differ", "[crypto][random]") {
  CHECK(random_bytes(16).size() == 16);
  CHECK(random_bytes(16) != random_bytes(16));
  CHECK(random_bytes(0).empty());
  CHECK(random_secret(32).size() == 32);
  CHECK_FALSE(equal(random_secret(32).bytes(), random_secret(32).bytes()));
}

TEST_CASE("a random UUID is of version 4", "[crypto][random]") {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto uuid = random_uuid();
    CAPTURE(uuid);
    REQUIRE(is_uuid(uuid));
    CHECK(uuid == lower(uuid));
    CHECK(uuid[14] == '4');
    CHECK(std::string_view("89ab").find(uuid[19]) != std::string_view::npos);
    CHECK(seen.insert(uuid).second);
  }
}

TEST_CASE("a nonce is 32 hex digits", "[crypto][random]") {
  const auto nonce = random_nonce();
  CHECK(nonce.size() == 32);
  CHECK(nonce.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(nonce != random_nonce());
}

TEST_CASE("random_below stays below and reaches every value", "[crypto][random]") {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_below(3));
  CHECK(seen == std::set<std::uint32_t>{0, 1, 2});
  CHECK(random_below(1) == 0);
}
