// SPDX-License-Identifier: BSD-3-Clause
// What strangers and owners can take of a platform at most.
#include "running.hpp"

using namespace noports;
using test::RawClient;
using test::Running;
using namespace std::chrono_literals;

TEST_CASE("talk does not prolong a stranger's time", "[atserver][platform][hostile]") {
  atserver::Limits limits;
  limits.stranger = 1500ms;
  limits.directory = 500ms;
  Running world(limits);
  world.activate("alice");
  const auto port = world.port_of("alice");
  const auto talk = [&](std::uint16_t to, const std::string& line) {
    RawClient client(world.loop, world.tls, to);
    std::size_t answers = 0;
    while (client.read() == (answers == 0               ? "@"
                             : line.starts_with("noop") ? "data:ok\n@"
                                                        : "null\r\n@")) {
      ++answers;
      client.send(line + "\n");
    }
    return answers;
  };
  const auto begin = std::chrono::steady_clock::now();
  CHECK(talk(port, "noop:10") > 2);
  CHECK(talk(world.platform->directory_port(), "\r") > 2);
  RawClient client(world.loop, world.tls, port);
  REQUIRE(client.read() == "@");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "noop:5000\n";
  client.send(many);
  CHECK(client.read().starts_with("("));  // the end, or a reset for what was not read
  CHECK(std::chrono::steady_clock::now() - begin < 15s);
}

TEST_CASE("strangers at the directory do not use up those of the atServers",
          "[atserver][platform][hostile]") {
  atserver::Limits limits;
  limits.strangers = 2;
  Running world(limits);
  world.activate("alice");
  const auto port = world.port_of("alice");
  RawClient client(world.loop, world.tls, port);
  REQUIRE(client.read() == "@");
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 5; ++i) {
    idle.push_back(
        std::make_unique<RawClient>(world.loop, world.tls, world.platform->directory_port()));
    REQUIRE(idle.back()->read() == "@");
  }
  // Each that came made the oldest leave.
  for (std::size_t i = 0; i < 3; ++i) CHECK(idle[i]->read().starts_with("("));
  CHECK(idle[4]->ask("alice").starts_with("localhost:"));
  CHECK(client.ask("lookup:publickey@alice").starts_with("data:"));
}

TEST_CASE("one atSign has a bounded number of authenticated connections",
          "[atserver][platform][hostile]") {
  atserver::Limits limits;
  limits.owners = 2;
  Running world(limits);
  world.activate("alice");
  world.activate("bob");
  std::vector<std::unique_ptr<RawClient>> owners;
  const auto place_is_free = [&] {
    owners.push_back(world.connect("alice"));
    return world.try_login(*owners.back(), "alice") == "data:success\n@alice@";
  };
  // The connection of activate() may still be on its way out.
  REQUIRE(test::eventually(world.loop, place_is_free));
  owners.erase(owners.begin(), owners.end() - 1);
  REQUIRE(test::eventually(world.loop, place_is_free));
  const auto more = world.connect("alice");
  CHECK(world.try_login(*more, "alice") == "error:AT0012-Inbound connection limit exceeded\n");
  CHECK(more->read() == "(end)");
  CHECK(owners.back()->ask("noop:0") == "data:ok\n@alice@");
  CHECK(world.login("bob")->ask("noop:0") == "data:ok\n@bob@");
  owners.clear();
  CHECK(test::eventually(world.loop, place_is_free));
}

TEST_CASE("a line once begun must be finished", "[atserver][platform][hostile]") {
  atserver::Limits limits;
  limits.patience = 500ms;
  Running world(limits);
  world.activate("alice");
  const auto slow = world.login("alice"), quiet = world.login("alice");
  slow->send("noop");
  CHECK(slow->read() == "(end)");
  CHECK(quiet->ask("noop:600") == "data:ok\n@alice@");
}
