// SPDX-License-Identifier: BSD-3-Clause
// How a platform ends.
#include "noports/atserver/drain.hpp"

#include "running.hpp"

using namespace noports;
using test::Running;
using namespace std::chrono_literals;

TEST_CASE("a request that was begun is answered after the platform was told to stop",
          "[atserver][platform][drain]") {
  Running world;
  world.activate("alice");
  const auto alice = world.login("alice"), idle = world.login("alice");
  alice->send("update:last.demo@alice 1\nnoop:1000\nupdate:late.demo@alice 1\n");
  REQUIRE(alice->read().starts_with("data:"));
  world.port_of("alice");  // a conversation later the platform is at the second line
  world.begin_stop();
  CHECK(alice->read() == "data:ok\n@alice@");
  CHECK(alice->read() == "(end)");  // the third was not begun
  CHECK(idle->read() == "(end)");
  world.stop();
  world.start();
  const auto again = world.login("alice");
  CHECK(again->ask("llookup:last.demo@alice") == "data:1\n@alice@");
  CHECK(again->ask("llookup:late.demo@alice").starts_with("error:AT0015"));
}

TEST_CASE("nothing new is accepted once the platform was told to stop",
          "[atserver][platform][drain]") {
  Running world;
  world.activate("alice");
  const auto port = world.port_of("alice");
  const auto alice = world.login("alice");
  alice->send("noop:0\nnoop:1000\n");
  REQUIRE(alice->read().starts_with("data:ok"));
  world.port_of("alice");
  world.begin_stop();
  CHECK_FALSE(
      test::run(world.loop, net::dial_tls(world.tls, "localhost", port, net::in(test::kPatience))));
  CHECK(alice->read() == "data:ok\n@alice@");
}

TEST_CASE("a request that takes too long does not hold up the end",
          "[atserver][platform][drain][hostile]") {
  atserver::Limits limits;
  limits.drain = 200ms;
  Running world(limits);
  world.activate("alice");
  const auto alice = world.login("alice");
  alice->send("noop:0\nnoop:5000\n");
  REQUIRE(alice->read().starts_with("data:ok"));
  world.port_of("alice");
  const auto begin = std::chrono::steady_clock::now();
  world.stop();
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
  CHECK(alice->read() == "(end)");
}
