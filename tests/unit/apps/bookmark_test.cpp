// SPDX-License-Identifier: BSD-3-Clause
#include "common/bookmark.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "support/temp_folder.hpp"

using namespace noports;

namespace {

struct State {
  State() { setenv("XDG_STATE_HOME", folder.path().c_str(), 1); }
  ~State() { unsetenv("XDG_STATE_HOME"); }
  test::TempFolder folder;
};

}  // namespace

TEST_CASE("a service goes on where it stopped reading", "[apps][bookmark]") {
  State state;
  CHECK_FALSE(apps::Bookmark("sshnpd-@device-lab").load());
  apps::Bookmark("sshnpd-@device-lab").save(1'700'000'000'123);
  CHECK(apps::Bookmark("sshnpd-@device-lab").load() == 1'700'000'000'123);
  CHECK_FALSE(apps::Bookmark("sshnpd-@device-other").load());
}

TEST_CASE("a bookmark moves forwards only", "[apps][bookmark]") {
  State state;
  apps::Bookmark mark("srvd-@relay");
  mark.save(2000);
  mark.save(1000);
  CHECK(mark.load() == 2000);
}

TEST_CASE("a damaged bookmark is none", "[apps][bookmark][hostile]") {
  State state;
  apps::Bookmark mark("srvd-@relay");
  mark.save(2000);
  std::ofstream(state.folder.path() / "noports" / "srvd-@relay.seen") << "12x\n";
  CHECK_FALSE(mark.load());
}
