// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/pattern.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace noports;
using noports::atserver::Pattern;

TEST_CASE("a pattern is found anywhere, case matters", "[atserver][pattern]") {
  CHECK(Pattern().found_in("anything"));
  CHECK(Pattern::make("")->found_in("anything"));
  const auto device = *Pattern::make(R"(device_info\.)");
  CHECK(device.found_in("@bob:device_info.lab.sshnp@alice"));
  CHECK_FALSE(device.found_in("@bob:DEVICE_INFO.lab.sshnp@alice"));
  // What the NoPorts daemons use (client-expectations.md 2.2, noports-wire.md 16).
  CHECK(Pattern::make("dev1.sshnp@")->found_in("@d:heartbeat.dev1.sshnp@c"));
  CHECK(Pattern::make(R"((^dev1|\.dev1)\.sshnp@)")->found_in("@d:heartbeat.dev1.sshnp@c"));
}

TEST_CASE("patterns cannot cost time or memory without bounds", "[atserver][pattern][hostile]") {
  CHECK_FALSE(Pattern::make("("));
  CHECK_FALSE(Pattern::make("a\xff"));
  CHECK_FALSE(Pattern::make(std::string(2000, 'a')));
  CHECK_FALSE(Pattern::make("((((a{900}){900}){900}){900})"));
  CHECK_FALSE(Pattern::make(R"((a)\1)"));  // a backtracking engine's
  CHECK_FALSE(Pattern::make("(a+)+$")->found_in(std::string(100'000, 'a') + "b"));
}
