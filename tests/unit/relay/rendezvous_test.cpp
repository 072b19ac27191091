// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/rendezvous.hpp"

#include <asio/io_context.hpp>
#include <asio/write.hpp>
#include <catch2/catch.hpp>

#include "noports/net/poller.hpp"
#include "noports/net/stream.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

const crypto::PrivateKey& client_key() {
  static const auto key = *crypto::PrivateKey::generate();
  return key;
}
const crypto::PrivateKey& device_key() {
  static const auto key = *crypto::PrivateKey::generate();
  return key;
}

// A session at the relay, and sockets to play both sides.
struct World {
  explicit World(relay::Limits limits = {}, std::optional<crypto::PublicKey> expected = {}) {
    relay::SideRules client, device;
    client.owner = *at::Atsign::parse("@client");
    client.key = expected ? *expected : client_key().public_key();
    client.fetch_key = [this](bool) -> asio::awaitable<Result<crypto::PublicKey>> {
      ++refetched;
      co_return client_key().public_key();
    };
    device.owner = *at::Atsign::parse("@device");
    device.key = device_key().public_key();
    device.fetch_key = [](bool) -> asio::awaitable<Result<crypto::PublicKey>> {
      co_return device_key().public_key();
    };
    meeting = *relay::Rendezvous::open(loop.get_executor(), "127.0.0.1", credentials, client,
                                       device, pumps, limits);
  }

  std::string line(const crypto::PrivateKey& key) const {
    return *proto::relay_auth_line(credentials, key);
  }
  asio::awaitable<net::Stream> dial(std::uint16_t port, std::string first) {
    auto socket = co_await net::dial("127.0.0.1", port, net::in(5s));
    REQUIRE(socket);
    net::Stream stream(*std::move(socket));
    const auto written = co_await stream.write_all(first);
    REQUIRE(written);
    co_return stream;
  }
  // Runs the session beside `play`; ends when play has ended.
  void run(asio::awaitable<void> play) {
    net::TaskGroup tasks(loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); });
    tasks.spawn(serve());
    test::run(loop, finish(tasks, std::move(play)));
  }
  asio::awaitable<void> serve() {
    totals = co_await meeting->run();
    over = true;
  }
  static asio::awaitable<void> finish(net::TaskGroup& tasks, asio::awaitable<void> play) {
    co_await std::move(play);
    tasks.cancel();
    co_await tasks.join();
  }

  asio::io_context loop;
  net::Poller poller{loop.get_executor()};
  bridge::Pumps pumps{poller};
  proto::RelayCredentials credentials{proto::SessionId::fresh(), "client-nonce", "relay-nonce"};
  std::unique_ptr<relay::Rendezvous> meeting;
  relay::Rendezvous::Totals totals;
  bool over = false;
  int refetched = 0;
};

// Everything until the end of the stream.
asio::awaitable<std::string> read_all(net::Stream& stream) {
  std::string all;
  for (;;) {
    auto some = co_await net::before(net::in(5s), stream.read_some());
    if (!some || some->empty()) co_return all;
    all += *some;
  }
}

// The next bytes are these. (No co_await inside CHECK: its macro would run it twice.)
asio::awaitable<void> expect(net::Stream& stream, std::string bytes) {
  std::string all;
  while (all.size() < bytes.size()) {
    auto some = co_await net::before(net::in(5s), stream.read_some(bytes.size() - all.size()));
    if (!some || some->empty()) break;
    all += *some;
  }
  CHECK(all == bytes);
}

asio::awaitable<void> expect_end(net::Stream& stream) {
  const auto rest = co_await read_all(stream);
  CHECK(rest.empty());
}

}  // namespace

TEST_CASE("two sides that authenticate are joined, and bytes behind the line are theirs",
          "[relay][rendezvous]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    auto client =
        co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "hello");
    auto device = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    co_await expect(device, "hello");
    const auto written = co_await device.write_all("welcome");
    REQUIRE(written);
    co_await expect(client, "welcome");
  };
  world.run(play());
}

TEST_CASE("partners are found in order of their coming", "[relay][rendezvous]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    auto first = co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "1");
    auto second = co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "2");
    auto one = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    auto two = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    co_await expect(one, "1");
    co_await expect(two, "2");
  };
  world.run(play());
}

TEST_CASE("the wrong key, session or side is turned away", "[relay][rendezvous][hostile]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    auto other = world.credentials;
    other.relay_nonce = "old-nonce";
    const std::string replayed = *proto::relay_auth_line(other, client_key());
    const std::vector<std::string> bad = {world.line(device_key()), replayed, "GET / HTTP/1.1\n",
                                          "\n", std::string(5000, 'x')};
    for (const auto& first : bad) {
      auto client = co_await world.dial(world.meeting->client_port(), first);
      co_await expect_end(client);
    }
    // The listener is still there for the right one.
    auto client = co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "x");
    auto device = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    co_await expect(device, "x");
  };
  world.run(play());
}

TEST_CASE("a key that changed is fetched again, once", "[relay][rendezvous]") {
  World world({}, device_key().public_key());  // what was cached is not the client's key any more
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "x");
    auto device = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    co_await expect(device, "x");
    auto bad = co_await world.dial(world.meeting->client_port(), world.line(device_key()));
    co_await expect_end(bad);
    CHECK(world.refetched == 1);
  };
  world.run(play());
}

TEST_CASE("who says nothing is dropped when its time is up", "[relay][rendezvous][hostile]") {
  relay::Limits limits;
  limits.authentication = 50ms;
  World world(limits);
  const auto play = [&]() -> asio::awaitable<void> {
    auto silent = co_await world.dial(world.meeting->client_port(), "{");
    co_await expect_end(silent);
  };
  world.run(play());
}

TEST_CASE("too many sockets that have not said who they are find the door shut",
          "[relay][rendezvous][hostile]") {
  relay::Limits limits;
  limits.unauthenticated_per_address = 2;
  World world(limits);
  const auto play = [&]() -> asio::awaitable<void> {
    auto one = co_await world.dial(world.meeting->client_port(), "{");
    auto two = co_await world.dial(world.meeting->client_port(), "{");
    auto three = co_await world.dial(world.meeting->client_port(), "{");
    co_await expect_end(three);
  };
  world.run(play());
}

TEST_CASE("a session without a pair ends when its time is up", "[relay][rendezvous]") {
  relay::Limits limits;
  limits.first_pair = 50ms;
  World world(limits);
  test::run(world.loop, world.serve());
  CHECK(world.over);
  CHECK(world.totals.pairs == 0);
}

TEST_CASE("a session ends with its last pair", "[relay][rendezvous]") {
  relay::Limits limits;
  limits.first_pair = 200ms;
  World world(limits);
  const auto play = [&]() -> asio::awaitable<void> {
    auto client =
        co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "hello");
    auto device = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    co_await expect(device, "hello");
    client.close();
    co_await expect_end(device);
    device.close();
  };
  net::TaskGroup tasks(world.loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); });
  tasks.spawn(world.serve());
  test::run(world.loop, play());
  CHECK(test::eventually(world.loop, [&] { return world.over; }));
  test::run(world.loop, tasks.join());
  CHECK(world.totals.pairs == 1);
  CHECK(world.totals.bytes_up == 5);
}

TEST_CASE("pairs end with their session", "[relay][rendezvous]") {
  World world;
  std::optional<net::Stream> client;
  const auto play = [&]() -> asio::awaitable<void> {
    client.emplace(
        co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "x"));
    auto device = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    co_await expect(device, "x");
  };
  world.run(play());
  world.meeting.reset();
  CHECK(test::run(world.loop, read_all(*client)).empty());
  CHECK(world.pumps.size() == 0);
}

TEST_CASE("a session keeps no more pairs than it may", "[relay][rendezvous][hostile]") {
  relay::Limits limits;
  limits.pairs = 1;
  World world(limits);
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "x");
    auto device = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    co_await expect(device, "x");
    auto another = co_await world.dial(world.meeting->client_port(), world.line(client_key()));
    co_await expect_end(another);
    // With the pair gone there is room again.
    client.close();
    device.close();
    co_await net::pause(1ms);
    while (world.pumps.size() > 0) co_await net::pause(1ms);
    auto later = co_await world.dial(world.meeting->client_port(), world.line(client_key()) + "y");
    auto partner = co_await world.dial(world.meeting->device_port(), world.line(device_key()));
    co_await expect(partner, "y");
  };
  world.run(play());
}
