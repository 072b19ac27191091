// SPDX-License-Identifier: BSD-3-Clause
#include "common/instance_lock.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "support/temp_folder.hpp"

using namespace noports;

TEST_CASE("a service of a name runs once", "[apps]") {
  test::TempFolder folder;
  setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
  {
    const auto first = apps::InstanceLock::take("sshnpd-@device-lab");
    REQUIRE(first);
    const auto second = apps::InstanceLock::take("sshnpd-@device-lab");
    REQUIRE_FALSE(second);
    CHECK(second.error().code() == Errc::busy);
    CHECK(second.error().what() ==
          "sshnpd-@device-lab runs already: process " + std::to_string(::getpid()));
    CHECK(apps::InstanceLock::take("sshnpd-@device-attic"));
  }
  CHECK(apps::InstanceLock::take("sshnpd-@device-lab"));
  unsetenv("XDG_STATE_HOME");
}
