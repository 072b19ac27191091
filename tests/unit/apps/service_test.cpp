// SPDX-License-Identifier: BSD-3-Clause
#include "common/service.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include "noports/keys/keyfile.hpp"
#include "noports/net/task_group.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"
#include "support/vectors.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

at::Atsign alice() { return at::Atsign::parse("@alice").value(); }

Error withdrawn() { return {Errc::revoked, Hop::atserver, "AT0027: enrollment_id: 1 is revoked"}; }

struct World {
  asio::io_context loop;
  test::TempFolder folder;
  apps::Identity who{alice(), {}, {}, {}};
  apps::KeyPatience patience{1ms, 60s, 60s};
  std::vector<Error> endings;  // of the next works; then 0
  std::size_t works = 0;
  std::optional<Result<int>> ended;
  net::TaskGroup tasks{loop.get_executor(), nullptr};

  World() { who.access.file = folder.path() / "keys"; }
  ~World() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }
  void write_keys() {
    const auto keys = keys::decode(test::vector_text("alice_key.dart.atKeys"));
    keys::Saving how;
    how.replace = true;
    REQUIRE(keys::save(*keys, alice(), *who.access.file, how));
  }
  asio::awaitable<Result<int>> work(atclient::Account account) {
    CHECK(account.self == alice());
    CHECK(account.keys != nullptr);
    ++works;
    if (endings.empty()) co_return 0;
    auto error = endings.front();
    endings.erase(endings.begin());
    co_return fail(std::move(error));
  }
  asio::awaitable<void> serve() {
    ended = co_await apps::serve_as(
        who, [this](atclient::Account account) { return work(std::move(account)); }, patience);
  }
  void start() { tasks.spawn(serve()); }
  bool sees(std::function<bool()> what) { return test::eventually(loop, std::move(what)); }
};

}  // namespace

TEST_CASE("a service that is started before its keys are there waits for them", "[apps][service]") {
  World world;
  world.start();
  world.loop.run_for(30ms);
  CHECK(world.works == 0);
  CHECK_FALSE(world.ended);
  world.write_keys();
  REQUIRE(world.sees([&] { return world.ended.has_value(); }));
  CHECK(*world.ended);
  CHECK(world.works == 1);
}

TEST_CASE("a service whose enrolment is withdrawn waits for new keys", "[apps][service]") {
  World world;
  world.write_keys();
  world.endings = {withdrawn()};
  world.start();
  REQUIRE(world.sees([&] { return world.works == 1; }));
  world.loop.run_for(30ms);
  CHECK(world.works == 1);
  CHECK_FALSE(world.ended);
  world.write_keys();
  REQUIRE(world.sees([&] { return world.ended.has_value(); }));
  CHECK(world.works == 2);
}

TEST_CASE("a service whose key file is taken away with its enrolment waits for another",
          "[apps][service]") {
  World world;
  world.write_keys();
  world.endings = {withdrawn()};
  world.start();
  REQUIRE(world.sees([&] { return world.works == 1; }));
  std::filesystem::remove(*world.who.access.file);
  world.loop.run_for(30ms);
  CHECK_FALSE(world.ended);
  world.write_keys();
  REQUIRE(world.sees([&] { return world.ended.has_value(); }));
  CHECK(world.works == 2);
}

TEST_CASE("an enrolment that is reinstated is found without new keys", "[apps][service]") {
  World world;
  world.write_keys();
  world.patience.retry = 5ms;
  world.endings = {withdrawn(), withdrawn()};
  world.start();
  REQUIRE(world.sees([&] { return world.ended.has_value(); }));
  CHECK(*world.ended);
  CHECK(world.works == 3);
}

TEST_CASE("what waiting does not mend ends a service", "[apps][service]") {
  World world;
  world.write_keys();
  SECTION("keys that are refused") {
    world.endings = {Error(Errc::rejected, Hop::atserver, "AT0401")};
    world.start();
    REQUIRE(world.sees([&] { return world.ended.has_value(); }));
    CHECK(world.ended->error().code() == Errc::rejected);
  }
  SECTION("a key file that is none") {
    std::filesystem::remove(*world.who.access.file);
    world.folder.write("keys", "no keys");
    std::filesystem::permissions(*world.who.access.file, std::filesystem::perms(0600));
    world.start();
    REQUIRE(world.sees([&] { return world.ended.has_value(); }));
    CHECK(world.ended->error().code() == Errc::config);
    CHECK(world.works == 0);
  }
}
