// SPDX-License-Identifier: BSD-3-Clause
// The table of exit statuses: shell scripts rely on it.
#include <catch2/catch.hpp>

#include "common/run.hpp"

using namespace noports;

TEST_CASE("the exit status follows from what happened and where", "[apps]") {
  const auto [code, hop, status] = GENERATE(table<Errc, Hop, int>({
      {Errc::config, Hop::local, 2},
      {Errc::bad_syntax, Hop::local, 2},
      {Errc::not_set_up, Hop::local, 3},
      {Errc::not_set_up, Hop::directory, 3},
      {Errc::not_found, Hop::directory, 4},
      {Errc::timed_out, Hop::directory, 4},
      {Errc::disconnected, Hop::atserver, 4},
      {Errc::timed_out, Hop::atserver, 4},
      {Errc::rejected, Hop::directory, 4},
      {Errc::rejected, Hop::atserver, 5},
      {Errc::revoked, Hop::atserver, 5},
      {Errc::bad_signature, Hop::device, 5},
      {Errc::refused, Hop::relay, 6},
      {Errc::refused, Hop::device, 6},
      {Errc::refused, Hop::policy, 6},
      {Errc::timed_out, Hop::device, 7},
      {Errc::disconnected, Hop::device, 7},
      {Errc::timed_out, Hop::relay, 8},
      {Errc::disconnected, Hop::relay, 8},
      {Errc::not_found, Hop::relay, 8},
      {Errc::bad_syntax, Hop::relay, 8},
      {Errc::rejected, Hop::relay, 8},
      {Errc::busy, Hop::local, 9},
      {Errc::io, Hop::local, 9},
      {Errc::cancelled, Hop::local, 130},
      {Errc::not_found, Hop::local, 1},
      {Errc::bad_syntax, Hop::device, 1},
      {Errc::disconnected, Hop::target, 1},
  }));
  CAPTURE(name(code), name(hop));
  CHECK(apps::exit_code(Error(code, hop, "x")) == status);
}
