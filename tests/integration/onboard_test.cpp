// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/onboard.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "noports/net/task_group.hpp"
#include "platform_world.hpp"

using namespace noports;
using test::PlatformWorld;

namespace {

Result<void> onboard(PlatformWorld& world, activate::Onboarding what) {
  return test::run(world.loop, activate::onboard(std::move(what), [](std::string_view) {}));
}

// Runs it until it says that it is at `step`, where it is cancelled.
bool interrupt(PlatformWorld& world, activate::Onboarding what, const std::string& step) {
  bool is_there = false;
  net::TaskGroup tasks(world.loop.get_executor(), nullptr);
  const auto body = [&]() -> asio::awaitable<void> {
    auto done = co_await activate::onboard(std::move(what), [&](std::string_view text) {
      if (!text.starts_with(step)) return;
      is_there = true;
      tasks.cancel();
    });
    CHECK_FALSE(done);
  };
  tasks.spawn(body());
  REQUIRE(test::eventually(world.loop, [&] { return tasks.size() == 0; }));
  return is_there;
}

std::filesystem::perms mode(const std::filesystem::path& path) {
  return std::filesystem::status(path).permissions();
}

}  // namespace

TEST_CASE("an atSign is activated and its key file works", "[integration][activate]") {
  PlatformWorld world;
  world.activate("@ann");
  CHECK(mode(world.key_file("@ann")) == std::filesystem::perms(0600));
  CHECK(mode(world.key_file("@ann").parent_path()) == std::filesystem::perms(0700));
  const auto client = world.connect("@ann");
  const auto keys = world.account("@ann").keys;
  CHECK(keys->enrollment_id.has_value());
  world.close(*client);
}

TEST_CASE("an activated atSign is not activated again", "[integration][activate]") {
  PlatformWorld world;
  const auto secret = world.add("@ann");
  REQUIRE(onboard(world, world.onboarding("@ann", secret)));

  const auto again = onboard(world, world.onboarding("@ann", secret));
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == Errc::refused);
  CHECK(again.error().what() == "@ann has been activated already");
  CHECK(again.error().hint() == "its keys are in " + world.key_file("@ann").string());

  auto elsewhere = world.onboarding("@ann", secret);
  elsewhere.key_file += ".2";
  const auto other = onboard(world, std::move(elsewhere));
  REQUIRE_FALSE(other);
  CHECK(other.error().what() == "@ann has been activated already");
}

TEST_CASE("a wrong secret changes nothing", "[integration][activate][hostile]") {
  PlatformWorld world;
  const auto secret = world.add("@ann");
  const auto wrong = onboard(world, world.onboarding("@ann", crypto::Secret("wrong")));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code() == Errc::rejected);
  CHECK(wrong.error().what().find("wrong") == std::string::npos);
  CHECK_FALSE(std::filesystem::exists(world.key_file("@ann")));
  CHECK(onboard(world, world.onboarding("@ann", secret)));
}

TEST_CASE("an atSign that the directory does not know is not set up", "[integration][activate]") {
  PlatformWorld world;
  auto what = world.onboarding("@nobody", crypto::Secret("x"));
  what.retries = 1;
  const auto done = onboard(world, std::move(what));
  REQUIRE_FALSE(done);
  CHECK(done.error().code() == Errc::not_set_up);
  CHECK(done.error().hop() == Hop::directory);
}

TEST_CASE("a file that is there already is left alone, and so is the atServer",
          "[integration][activate]") {
  PlatformWorld world;
  const auto secret = world.add("@ann");
  const auto path = world.key_file("@ann");
  std::filesystem::create_directories(path.parent_path());
  SECTION("no key file") { std::ofstream(path) << "precious"; }
  SECTION("the keys of another platform") {
    PlatformWorld other;
    other.activate("@ann");
    std::filesystem::copy_file(other.key_file("@ann"), path);
    std::filesystem::permissions(path, std::filesystem::perms(0600));
  }
  const auto size = std::filesystem::file_size(path);
  const auto done = onboard(world, world.onboarding("@ann", secret));
  REQUIRE_FALSE(done);
  CHECK(done.error().code() == Errc::busy);
  CHECK(done.error().what().find("exists already") != std::string::npos);
  CHECK(std::filesystem::file_size(path) == size);
  std::filesystem::remove(path);
  CHECK(onboard(world, world.onboarding("@ann", secret)));
}

TEST_CASE("an activation that was interrupted is finished by the next one",
          "[integration][activate]") {
  const auto step = GENERATE(as<std::string>{}, "Connecting", "Enrolling", "Logging in", "Saving",
                             "Publishing", "Deleting");
  CAPTURE(step);
  PlatformWorld world;
  const auto secret = world.add("@ann");
  REQUIRE(interrupt(world, world.onboarding("@ann", secret), step));
  REQUIRE(onboard(world, world.onboarding("@ann", secret)));
  const auto client = world.connect("@ann");
  world.close(*client);
  // Nothing is left to do, and the secret is used up.
  CHECK(onboard(world, world.onboarding("@ann", secret)).error().code() == Errc::refused);
}
