// SPDX-License-Identifier: BSD-3-Clause
#include "srvd/options.hpp"

#include <catch2/catch.hpp>

#include "examples.hpp"

using namespace noports;
using apps::srvd::Options;

TEST_CASE("srvd: the examples of the man page", "[apps][srvd]") {
  Options unused;
  for (const auto& args : test::examples_of(apps::srvd::describe(unused))) {
    CAPTURE(args);
    Options options;
    const auto parsed = apps::parse(apps::srvd::describe(options), args);
    REQUIRE(parsed);
    CHECK(parsed->positional.empty());
    CHECK(options.atsign->str() == "@my_relay");
  }
}
