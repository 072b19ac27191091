// SPDX-License-Identifier: BSD-3-Clause
#include "noports/base/error.hpp"

#include <catch2/catch.hpp>

#include "noports/base/result.hpp"

using namespace noports;

TEST_CASE("an error gathers what was being done, outermost first", "[base][error]") {
  auto error = Error(Errc::timed_out, "deadline passed").during("waiting").during("asking @relay");
  CHECK(error.what() == "asking @relay: waiting: deadline passed");
  CHECK(error.code() == Errc::timed_out);
}

TEST_CASE("the innermost hint is kept", "[base][error]") {
  auto error = Error(Errc::io, "no route").hint("check the cable").hint("call somebody");
  CHECK(error.hint() == "check the cable");
}

TEST_CASE("an error knows the hop it happened at", "[base][error]") {
  CHECK(Error(Errc::io, "x").hop() == Hop::local);
  CHECK(Error(Errc::io, "x").at(Hop::relay).hop() == Hop::relay);
  CHECK(name(Hop::atserver) == "atserver");
  CHECK(name(Errc::not_set_up) == "not_set_up");
}

TEST_CASE("a result holds the value or the error", "[base][result]") {
  Result<int> good = 4;
  REQUIRE(good);
  CHECK(*good == 4);
  Result<int> bad = fail(Errc::refused, Hop::device, "no");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().hop() == Hop::device);
  Result<void> done;
  CHECK(done);
  Result<void> undone = fail(Errc::io, "disk full");
  CHECK_FALSE(undone);
}
