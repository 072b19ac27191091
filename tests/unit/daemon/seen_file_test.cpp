// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/seen_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <sstream>

#include "support/temp_folder.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

daemon::SeenSessions::Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string content(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("what was asked for before a restart is not served after it", "[daemon][hostile]") {
  test::TempFolder folder;
  const auto file = folder.path() / "seen";
  const auto session = proto::SessionId::fresh();
  {
    daemon::SeenFile seen(file);
    CHECK(seen.remember(session, now()));
    CHECK_FALSE(seen.remember(session, now()));
    // Whoever is killed here has written it already.
    CHECK(content(file).find(session.str()) != std::string::npos);
  }
  daemon::SeenFile again(file);
  CHECK_FALSE(again.remember(session, now()));
  CHECK(again.remember(session, now() + 25h));
}

TEST_CASE("nobody else may read which sessions there were", "[daemon][hostile]") {
  test::TempFolder folder;
  const auto file = folder.write("seen", "");
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  daemon::SeenFile seen(file);
  seen.remember(proto::SessionId::fresh(), now());
  struct stat is {};
  REQUIRE(::stat(file.c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0600);
}

TEST_CASE("a damaged file costs what it cannot say and no more", "[daemon][hostile]") {
  test::TempFolder folder;
  const auto good = proto::SessionId::fresh(), fresh = proto::SessionId::fresh();
  const auto line = daemon::SeenSessions::line(good, now());
  const auto file = folder.write("seen", std::string("\0\xff garbage\n", 11) + line + "17000000");
  {
    daemon::SeenFile seen(file);
    CHECK_FALSE(seen.remember(good, now()));
    CHECK(seen.remember(fresh, now()));
  }
  CHECK_FALSE(daemon::SeenFile(file).remember(fresh, now()));
}

TEST_CASE("without a file to write the memory still works", "[daemon][hostile]") {
  test::TempFolder folder;
  const auto where = GENERATE(as<std::string>{}, "is/missing/seen", "folder", "");
  std::filesystem::create_directory(folder.path() / "folder");
  const auto file = where.empty() ? std::filesystem::path() : folder.path() / where;
  daemon::SeenFile seen(file);
  const auto session = proto::SessionId::fresh();
  CHECK(seen.remember(session, now()));
  CHECK_FALSE(seen.remember(session, now()));
  CHECK(std::filesystem::is_directory(folder.path() / "folder"));
}

TEST_CASE("the file does not grow with what is forgotten", "[daemon]") {
  test::TempFolder folder;
  const auto file = folder.path() / "seen";
  daemon::SeenFile seen(file);
  const auto start = now();
  for (int day = 0; day < 3000; ++day) seen.remember(proto::SessionId::fresh(), start + day * 25h);
  const auto text = content(file);
  CHECK(std::count(text.begin(), text.end(), '\n') < 1100);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()),
                      std::filesystem::directory_iterator()) == 1);
}
