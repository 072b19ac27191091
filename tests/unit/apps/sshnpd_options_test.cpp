// SPDX-License-Identifier: BSD-3-Clause
#include "sshnpd/options.hpp"

#include <catch2/catch.hpp>

#include "examples.hpp"

using namespace noports;
using apps::sshnpd::Options;

TEST_CASE("sshnpd: the examples of the man page", "[apps][sshnpd]") {
  Options unused;
  for (const auto& args : test::examples_of(apps::sshnpd::describe(unused))) {
    CAPTURE(args);
    Options options;
    const auto parsed = apps::parse(apps::sshnpd::describe(options), args);
    REQUIRE(parsed);
    CHECK(parsed->positional.empty());
    CHECK(apps::sshnpd::complete(options));
  }
}
