// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/group_commit.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <catch2/catch.hpp>

using namespace noports;
using atserver::GroupCommit;

namespace {

struct World {
  asio::io_context loop;
  std::unique_ptr<atserver::Store> store = *atserver::Store::open({});
  std::shared_ptr<GroupCommit> commits = std::make_shared<GroupCommit>(loop.get_executor(), *store);
  std::vector<std::string> told;

  void write(const std::string& name) {
    atserver::Database::Scope scope(store->database());
    store->accounts.set_setting(name, "1");
    REQUIRE(scope.finish());
  }
  // A request: it writes, and is answered when that is durable.
  void request(const std::string& name) {
    write(name);
    commits->after([this, name](bool kept) { told.push_back(name + (kept ? "" : " lost")); });
  }
  // One that comes `turns` turns of the loop later.
  void request_later(const std::string& name, int turns) {
    asio::post(loop, [this, name, turns] {
      if (turns > 1) return request_later(name, turns - 1);
      // Nothing before it was told without it: they share the commit.
      CHECK(told.empty());
      request(name);
      if (name != "d") request_later(std::string(1, static_cast<char>(name[0] + 1)), 1);
    });
  }
};

}  // namespace

TEST_CASE("what is durable already is told at once", "[atserver][commit]") {
  World world;
  bool told = false;
  world.commits->after([&told](bool kept) { told = kept; });
  CHECK(told);
}

TEST_CASE("nobody is told before the commit, everybody in the order of asking",
          "[atserver][commit]") {
  World world;
  world.request("a");
  world.request("b");
  CHECK(world.told.empty());
  world.loop.run();
  CHECK(world.told == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(world.store->dirty());
}

TEST_CASE("requests that come turn by turn share a commit", "[atserver][commit]") {
  World world;
  world.request("a");
  world.request_later("b", 1);
  world.loop.run();
  CHECK(world.told == std::vector<std::string>{"a", "b", "c", "d"});
}

TEST_CASE("a commit that cannot wait is done at once, and the next one waits again",
          "[atserver][commit]") {
  World world;
  world.request("a");
  world.commits->commit();
  CHECK(world.told == std::vector<std::string>{"a"});
  world.request("b");
  CHECK(world.told.size() == 1);
  world.loop.run();
  CHECK(world.told == std::vector<std::string>{"a", "b"});
}
