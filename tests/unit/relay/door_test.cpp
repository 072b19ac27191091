// SPDX-License-Identifier: BSD-3-Clause
// ESCR at the relay, and how it is told from payload mode.
#include "noports/relay/door.hpp"

#include "unit/relay/escr_world.hpp"

using namespace noports;
using namespace std::chrono_literals;
using proto::RelayAuthMode;
using proto::RelaySide;
using test::Claim;
using test::expect;
using test::record_of;
using test::rest_of;
using World = test::EscrWorld;

namespace {

constexpr std::chrono::hours kNever{1};

}  // namespace

TEST_CASE("a socket that is silent is challenged, and joined when it answers", "[relay][escr]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(world.meeting->client_port());
    const auto heard = co_await world.pass(client, world.client(), "hello");
    CHECK(heard == "ok");
    auto device = co_await world.dial(world.meeting->device_port());
    const auto other = co_await world.pass(device, world.device());
    CHECK(other == "ok");
    co_await expect(device, "hello");
    const auto written = co_await device.write_all("welcome");
    REQUIRE(written);
    co_await expect(client, "welcome");
  };
  world.run(play());
  REQUIRE(world.challenges.size() == 2);
  CHECK(world.challenges[0].size() == 44);
  CHECK(world.challenges[0] != world.challenges[1]);
}

TEST_CASE("one side may answer challenges while the other shows a line", "[relay][escr]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    auto device =
        co_await world.dial(world.meeting->device_port(), world.payload_line("@device") + "up");
    auto client = co_await world.dial(world.meeting->client_port());
    const auto heard = co_await world.pass(client, world.client(), "hello");
    CHECK(heard == "ok");
    co_await expect(client, "up");
    co_await expect(device, "hello");
  };
  world.run(play());
}

TEST_CASE("an answer is good for its own socket alone", "[relay][escr][hostile]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    auto first = co_await world.dial(world.meeting->client_port());
    const auto heard = co_await world.pass(first, world.client());
    CHECK(heard == "ok");
    Claim replayed;
    replayed.challenge = world.challenges[0];
    auto second = co_await world.dial(world.meeting->client_port());
    const auto refused = co_await world.pass(second, replayed);
    CHECK(refused == "Socket auth failed");
    const auto rest = co_await rest_of(second);
    CHECK(rest.empty());
  };
  world.run(play());
}

TEST_CASE("whoever is not the side's owner is turned away", "[relay][escr][hostile]") {
  World world;
  Claim other_side, other_owner, other_key, other_session;
  other_side.side = RelaySide::device;
  other_owner.owner = other_owner.signer = "@device";
  other_key.signer = "@mallory";
  other_session.session = proto::SessionId::fresh();
  const std::vector<Claim> claims = {other_side, other_owner, other_session, other_key};
  std::size_t questions = 0;
  const auto play = [&]() -> asio::awaitable<void> {
    for (const auto& claim : claims) {
      questions = world.looked_up.size();
      auto client = co_await world.dial(world.meeting->client_port());
      const auto heard = co_await world.pass(client, claim);
      CHECK(heard == "Socket auth failed");
    }
  };
  world.run(play());
  CHECK(questions == 0);  // the first three are known for what they are without any look-up
}

TEST_CASE("no atServer is asked that the session does not concern", "[relay][escr][hostile]") {
  World world;
  Claim stranger;
  stranger.owner = stranger.signer = "@mallory";
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(world.meeting->client_port());
    const auto heard = co_await world.pass(client, stranger);
    CHECK(heard == "Socket auth failed");
  };
  world.run(play());
  CHECK(world.looked_up.empty());
}

TEST_CASE("what is no answer is refused, however long", "[relay][escr][hostile]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    const std::vector<std::string> bad = {"\n", world.credentials.session.str() + ":x\n",
                                          world.payload_line("@client"), std::string(20'000, 'x')};
    for (const auto& line : bad) {
      auto client = co_await world.dial(world.meeting->client_port());
      const auto challenge = co_await world.hear(client);
      CHECK(challenge.size() == 44);
      [[maybe_unused]] const auto written = co_await client.write_all(line);
      const auto rest = co_await rest_of(client);
      CHECK((rest.empty() || rest == "Socket auth failed\n"));
    }
  };
  world.run(play());
  CHECK(world.looked_up.empty());
}

TEST_CASE("a first byte that begins nothing is dropped without a word", "[relay][escr][hostile]") {
  World world(kNever);
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(world.meeting->client_port(), "GET / HTTP/1.1\r\n\r\n");
    const auto rest = co_await rest_of(client);
    CHECK(rest.empty());
  };
  world.run(play());
}

TEST_CASE("a hint spares the wait, also for who waits already", "[relay][escr]") {
  World world(kNever);
  const auto play = [&]() -> asio::awaitable<void> {
    auto early = co_await world.dial(world.meeting->client_port());
    co_await net::pause(1ms);
    world.meeting->learn(RelayAuthMode::escr, RelayAuthMode::escr);
    const auto first = co_await world.pass(early, world.client(), "1");
    CHECK(first == "ok");
    auto device = co_await world.dial(world.meeting->device_port());
    const auto second = co_await world.pass(device, world.device());
    CHECK(second == "ok");
    co_await expect(device, "1");
  };
  world.run(play());
}

TEST_CASE("a client that declares ESCR is challenged at once", "[relay][escr]") {
  World world(kNever, RelayAuthMode::escr);
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(world.meeting->client_port());
    const auto heard = co_await world.pass(client, world.client());
    CHECK(heard == "ok");
  };
  world.run(play());
}

TEST_CASE("a side that has answered a challenge is challenged ever after",
          "[relay][escr][hostile]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(world.meeting->client_port());
    const auto heard = co_await world.pass(client, world.client());
    CHECK(heard == "ok");
    // The line of payload mode, which anybody on the way can repeat, is of no use any more.
    auto second = co_await world.dial(world.meeting->client_port(), world.payload_line("@client"));
    const auto challenge = co_await world.hear(second);
    CHECK(challenge.size() == 44);
    const auto refused = co_await world.hear(second);
    CHECK(refused == "Socket auth failed");
  };
  world.run(play());
}

TEST_CASE("a hint does not turn a side that has shown what it does", "[relay][escr][hostile]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    auto client =
        co_await world.dial(world.meeting->client_port(), world.payload_line("@client") + "1");
    auto device = co_await world.dial(world.meeting->device_port());
    const auto heard = co_await world.pass(device, world.device());
    CHECK(heard == "ok");
    co_await expect(device, "1");
    world.meeting->learn(RelayAuthMode::escr, RelayAuthMode::payload);
    auto again =
        co_await world.dial(world.meeting->client_port(), world.payload_line("@client") + "2");
    auto partner = co_await world.dial(world.meeting->device_port());
    const auto challenged = co_await world.pass(partner, world.device());
    CHECK(challenged == "ok");
    co_await expect(partner, "2");
  };
  world.run(play());
}

TEST_CASE("a record that was written anew is looked up again, once", "[relay][escr]") {
  World world;
  const auto name = record_of("@client", "primary").str();
  world.published[name] = "@mallory";  // an old key
  world.published_anew[name] = "@client";
  const auto play = [&]() -> asio::awaitable<void> {
    auto client = co_await world.dial(world.meeting->client_port());
    const auto heard = co_await world.pass(client, world.client());
    CHECK(heard == "ok");
    Claim wrong;
    wrong.signer = "@mallory";
    auto other = co_await world.dial(world.meeting->client_port());
    const auto refused = co_await world.pass(other, wrong);
    CHECK(refused == "Socket auth failed");
  };
  world.run(play());
  CHECK(world.looked_up == std::vector<std::string>{name, "fresh " + name});
}

TEST_CASE("a side makes the relay look up four records at most", "[relay][escr][hostile]") {
  World world;
  const auto play = [&]() -> asio::awaitable<void> {
    for (int n = 0; n < 6; ++n) {
      Claim claim;
      claim.enrolment = "e" + std::to_string(n);
      world.published[record_of("@client", claim.enrolment).str()] = "@client";
      auto client = co_await world.dial(world.meeting->client_port());
      const auto heard = co_await world.pass(client, claim);
      CHECK(heard == (n < 4 ? "ok" : "Socket auth failed"));
    }
  };
  world.run(play());
  CHECK(world.looked_up.size() == 4);
}

TEST_CASE("who answers no challenge is dropped when its time is up", "[relay][escr][hostile]") {
  World world;
  world.limits.authentication = 50ms;
  world.meeting = *relay::Rendezvous::open(world.loop.get_executor(), "127.0.0.1",
                                           world.credentials, world.rules("@client"),
                                           world.rules("@device"), world.pumps, world.limits);
  const auto play = [&]() -> asio::awaitable<void> {
    auto silent = co_await world.dial(world.meeting->client_port());
    const auto rest = co_await rest_of(silent);
    CHECK(rest.size() == 45);  // its challenge
  };
  world.run(play());
}
