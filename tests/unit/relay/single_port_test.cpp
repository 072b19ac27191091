// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/single_port.hpp"

#include "unit/relay/escr_world.hpp"

using namespace noports;
using namespace std::chrono_literals;
using test::Claim;
using test::expect;
using test::rest_of;

namespace {

// Two sessions of the same two atSigns behind one port.
struct World : test::EscrWorld {
  explicit World(relay::SinglePort::Limits limits_ = {}) {
    other.session = proto::SessionId::fresh();
    meeting = portless(credentials);
    second = portless(other);
    const auto find = [this](const proto::SessionId& session) -> relay::Rendezvous* {
      if (session == credentials.session) return meeting.get();
      return session == other.session ? second.get() : nullptr;
    };
    door = *relay::SinglePort::open(loop.get_executor(), "127.0.0.1", 0, find, limits_);
  }
  std::unique_ptr<relay::Rendezvous> portless(proto::RelayCredentials of) {
    return relay::Rendezvous::open_portless(loop.get_executor(), std::move(of), rules("@client"),
                                            rules("@device"), pumps, limits);
  }
  void run_all(asio::awaitable<void> play) {
    net::TaskGroup tasks(loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); });
    tasks.spawn(serve());
    tasks.spawn(serve_second());
    tasks.spawn(door->run());
    test::run(loop, finish(tasks, std::move(play)));
  }
  asio::awaitable<void> serve_second() { co_await second->run(); }
  Claim of_second(Claim claim) const {
    claim.session = other.session;
    return claim;
  }

  proto::RelayCredentials other = credentials;
  std::unique_ptr<relay::Rendezvous> second;
  std::unique_ptr<relay::SinglePort> door;
};

}  // namespace

// noports-newer.md 9.1
TEST_CASE("one port serves all sessions, each socket by its answer", "[relay][escr]") {
  World world;
  const auto port = world.door->port();
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(port);
    auto device = co_await world.dial(port);
    auto other_client = co_await world.dial(port);
    auto other_device = co_await world.dial(port);
    const auto one = co_await world.pass(other_device, world.of_second(World::device()));
    const auto two = co_await world.pass(client, World::client(), "first");
    const auto three =
        co_await world.pass(other_client, world.of_second(World::client()), "second");
    const auto four = co_await world.pass(device, World::device());
    CHECK(one + two + three + four == "okokokok");
    co_await expect(device, "first");
    co_await expect(other_device, "second");
    const auto written = co_await device.write_all("down");
    REQUIRE(written);
    co_await expect(client, "down");
  };
  world.run_all(play());
}

TEST_CASE("the one port lets nobody in who is of no session", "[relay][escr][hostile]") {
  World world;
  const auto port = world.door->port();
  Claim unknown, wrong_key, wrong_owner;
  unknown.session = proto::SessionId::fresh();
  wrong_key.signer = "@mallory";
  wrong_owner.owner = wrong_owner.signer = "@mallory";
  const std::vector<Claim> claims = {unknown, wrong_owner, wrong_key};
  const auto play = [&]() -> asio::awaitable<void> {
    for (const auto& claim : claims) {
      auto socket = co_await world.dial(port);
      const auto heard = co_await world.pass(socket, claim);
      CHECK(heard == "Socket auth failed");
      const auto rest = co_await rest_of(socket);
      CHECK(rest.empty());
    }
    const std::vector<std::string> bad = {"\n", world.payload_line("@client"), "GET / HTTP/1.1\n",
                                          std::string(20'000, 'x')};
    for (const auto& line : bad) {
      auto socket = co_await world.dial(port, line);
      const auto challenge = co_await world.hear(socket);
      CHECK(challenge.size() == 44);
      const auto rest = co_await rest_of(socket);
      CHECK((rest.empty() || rest == "Socket auth failed\n"));
    }
  };
  world.run_all(play());
  CHECK(world.pumps.size() == 0);
}

TEST_CASE("an answer at the one port is good once", "[relay][escr][hostile]") {
  World world;
  const auto port = world.door->port();
  const auto play = [&]() -> asio::awaitable<void> {
    auto first = co_await world.dial(port);
    const auto heard = co_await world.pass(first, World::client());
    CHECK(heard == "ok");
    Claim replayed;
    replayed.challenge = world.challenges[0];
    auto second = co_await world.dial(port);
    const auto refused = co_await world.pass(second, replayed);
    CHECK(refused == "Socket auth failed");
  };
  world.run_all(play());
}

TEST_CASE("a session that is over takes no socket from the one port", "[relay][escr]") {
  World world;
  const auto port = world.door->port();
  world.meeting.reset();
  const auto play = [&]() -> asio::awaitable<void> {
    auto socket = co_await world.dial(port);
    const auto heard = co_await world.pass(socket, World::client());
    CHECK(heard == "Socket auth failed");
  };
  net::TaskGroup tasks(world.loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); });
  tasks.spawn(world.door->run());
  test::run(world.loop, World::finish(tasks, play()));
}

TEST_CASE("of too many silent sockets at the one port the oldest leaves",
          "[relay][escr][hostile]") {
  relay::SinglePort::Limits limits;
  limits.strangers = 2;
  World world(limits);
  const auto port = world.door->port();
  const auto play = [&]() -> asio::awaitable<void> {
    auto one = co_await world.dial(port);
    const auto first = co_await world.hear(one);
    CHECK(first.size() == 44);
    auto two = co_await world.dial(port);
    const auto second = co_await world.hear(two);
    auto three = co_await world.dial(port);
    const auto third = co_await world.hear(three);
    CHECK(third.size() == 44);
    const auto rest = co_await rest_of(one);
    CHECK(rest.empty());  // nothing but its end
  };
  world.run_all(play());
}

TEST_CASE("who is silent at the one port is dropped, and a crowd finds it shut",
          "[relay][escr][hostile]") {
  relay::SinglePort::Limits limits;
  limits.authentication = 100ms;
  limits.strangers_per_address = 2;
  World world(limits);
  const auto port = world.door->port();
  const auto play = [&]() -> asio::awaitable<void> {
    auto one = co_await world.dial(port);
    auto two = co_await world.dial(port);
    auto three = co_await world.dial(port);
    const auto shut = co_await rest_of(three);
    CHECK(shut.empty());
    const auto dropped = co_await rest_of(one);
    CHECK(dropped.size() == 45);  // its challenge
    const auto also = co_await rest_of(two);
    CHECK(also.size() == 45);
    // There is room again.
    auto four = co_await world.dial(port);
    const auto challenge = co_await world.hear(four);
    CHECK(challenge.size() == 44);
  };
  world.run_all(play());
}
