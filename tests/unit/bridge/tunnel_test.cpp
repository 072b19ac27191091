// SPDX-License-Identifier: BSD-3-Clause
// Both ends of a multi session through a relay.
#include <catch2/catch.hpp>

#include "noports/crypto/digest.hpp"
#include "unit/bridge/tunnel_world.hpp"

using namespace noports;
using namespace noports::bridge;
using test::Kind;
using test::TunnelWorld;

namespace {

asio::awaitable<void> ask_and_note(std::uint16_t port, std::string text,
                                   std::vector<std::string>& answers) {
  auto answer = co_await test::ask(port, std::move(text));
  answers.push_back(std::move(answer));
}

}  // namespace

TEST_CASE("a tunnel carries bytes and ends of stream both ways", "[bridge]") {
  const auto kind = GENERATE(Kind::none, Kind::ctr, Kind::ctr_twin);
  TunnelWorld world;
  const auto port = world.start(kind);
  const auto text = test::pattern(1'500'000);
  CHECK(test::run(world.loop, test::ask(port, text)) == "echo:" + text);
  CHECK(test::run(world.loop, test::ask(port, "")) == "echo:");
  world.service.greeting = "220 ready\r\n";
  CHECK(test::run(world.loop, test::ask(port, "quit")) == "220 ready\r\necho:quit");
  CHECK(world.client_trouble.empty());
  CHECK(world.device_trouble.empty());
}

TEST_CASE("the relay sees control lines and data only sealed", "[bridge][hostile]") {
  TunnelWorld world;
  const auto kind = GENERATE(Kind::ctr, Kind::ctr_twin);
  const auto port = world.start(kind);
  const std::string request = "GET /index.html HTTP/1.1";
  test::run(world.loop, test::ask(port, request));
  REQUIRE(world.relay.seen.size() == 2);
  const auto& control = *world.relay.seen[0].up;
  CHECK(control.size() == (kind == Kind::ctr ? 78 : 148));
  CHECK(control.find("connect") == std::string::npos);
  CHECK(world.relay.seen[0].down->empty());
  const auto& up = *world.relay.seen[1].up;
  const auto& down = *world.relay.seen[1].down;
  CHECK(up.size() == request.size());
  CHECK(up != request);
  // "echo:" and the request came back: with one key stream the XOR of both texts shows.
  const auto reply = "echo:" + request;
  bool leaks = true;
  for (std::size_t i = 0; i < up.size(); ++i) {
    leaks = leaks && (up[i] ^ down[i]) == (request[i] ^ reply[i]);
  }
  CHECK(leaks == (kind == Kind::ctr));
}

TEST_CASE("a device that knows heartbeats is told from time to time that it is wanted",
          "[bridge]") {
  constexpr std::size_t kBeat = std::string_view("heartbeat:1\n").size();
  TunnelWorld world;
  world.serve_options.heartbeat = std::chrono::milliseconds(5);
  world.takes_heartbeats = true;
  const auto port = world.start(Kind::ctr_twin);
  const auto& seen = world.relay.seen;
  REQUIRE(world.wait_for([&] { return !seen.empty() && seen[0].up->size() >= 3 * kBeat; }));
  CHECK(world.relay.seen[0].up->find("heartbeat") == std::string::npos);
  // Streams are announced in between, whole.
  CHECK(test::run(world.loop, test::ask(port, "hi")) == "echo:hi");
  CHECK(test::run(world.loop, test::ask(port, "ho")) == "echo:ho");
  CHECK(world.device_trouble.empty());
}

TEST_CASE("a device that does not know heartbeats gets none", "[bridge]") {
  TunnelWorld world;
  world.serve_options.heartbeat = std::chrono::milliseconds(5);
  const auto port = world.start(Kind::ctr_twin);
  CHECK(test::run(world.loop, test::ask(port, "hi")) == "echo:hi");
  CHECK(world.relay.seen[0].up->size() == 148);
}

TEST_CASE("a plain session's control line is the clear text of the reference", "[bridge]") {
  TunnelWorld world;
  const auto port = world.start(Kind::none);
  test::run(world.loop, test::ask(port, "x"));
  CHECK(*world.relay.seen.at(0).up == "connect:no:encrypt\n");
  CHECK(*world.relay.seen.at(1).up == "x");
}

TEST_CASE("a hundred parallel connections arrive whole", "[bridge]") {
  TunnelWorld world;
  world.relay.keeps_what_it_sees = false;
  const auto port = world.start(GENERATE(Kind::ctr, Kind::ctr_twin));
  std::vector<std::string> digests;
  std::vector<std::string> expected;
  const auto note = [&](unsigned seed) -> asio::awaitable<void> {
    auto text = test::pattern(1 << 20, seed);
    expected.push_back(crypto::sha256("echo:" + text));
    auto answer = co_await test::ask(port, std::move(text));
    digests.push_back(crypto::sha256(answer));
  };
  for (unsigned seed = 1; seed <= 100; ++seed) world.ends.spawn(note(seed));
  REQUIRE(world.wait_for([&] { return digests.size() == 100; }));
  std::sort(digests.begin(), digests.end());
  std::sort(expected.begin(), expected.end());
  CHECK(digests == expected);
  CHECK(world.client_trouble.empty());
}

TEST_CASE("a thousand connections leave no descriptor behind", "[bridge]") {
  TunnelWorld world;
  const auto port = world.start(Kind::ctr_twin);
  test::run(world.loop, test::ask(port, "first"));
  REQUIRE(world.wait_for([&] { return world.relay.living() == 1; }));
  const auto before = test::open_descriptors();
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(test::run(world.loop, test::ask(port, "x")) == "echo:x");
  }
  REQUIRE(world.wait_for([&] { return test::open_descriptors() == before; }));
  CHECK(world.service.accepted == 1001);
}

TEST_CASE("a target that refuses ends its connection only", "[bridge]") {
  TunnelWorld world;
  const auto good = world.target.port;
  auto taken = test::tcp_pair();
  {
    auto gone = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
    world.target.port = test::port_of(gone);
  }
  const auto port = world.start(Kind::ctr_twin);
  CHECK(test::run(world.loop, test::ask(port, "")) == "");
  REQUIRE(world.device_trouble.size() == 1);
  CHECK(world.device_trouble[0].hop() == Hop::target);
  CHECK(world.device_trouble[0].what().find("reaching the service") == 0);
  const auto reset_or_end = test::run(world.loop, test::ask(port, "said before the refusal"));
  CHECK((reset_or_end.empty() || reset_or_end[0] == '<'));
  CHECK_FALSE(world.client_ended);
  CHECK_FALSE(world.device_ended);
  // The order of pairs is kept: a service that comes up later is reached with the right keys.
  auto late = net::listen(world.loop.get_executor(), "127.0.0.1", world.target.port);
  REQUIRE(late);
  const auto serve_once = [&]() -> asio::awaitable<void> {
    auto socket = co_await net::accept(*late);
    co_await test::write(*socket, "late but right");
  };
  world.ends.spawn(serve_once());
  CHECK(test::run(world.loop, test::ask(port, "")) == "late but right");
  CHECK(good != world.target.port);
}

TEST_CASE("a reset by the application is a reset for the service", "[bridge]") {
  TunnelWorld world;
  world.service.greeting = "hello";
  const auto port = world.start(Kind::ctr_twin);
  net::Socket application(world.loop);
  application.connect({asio::ip::address_v4::loopback(), port});
  test::Peer peer(take_fd(std::move(application)));
  peer.say("half a sent");
  REQUIRE(world.wait_for([&] { return peer.turn().heard == "hello"; }));
  peer.reset();
  REQUIRE(world.wait_for([&] { return world.service.heard.size() == 1; }));
  CHECK(world.service.heard[0].find("<Connection reset") != std::string::npos);
  CHECK(world.client_trouble.empty());
  CHECK_FALSE(world.client_ended);
}

TEST_CASE("an answer to an upload that is not wanted arrives whole", "[bridge]") {
  TunnelWorld world;
  world.relay.keeps_what_it_sees = false;
  world.service.refusal = test::pattern(1'000'000);
  auto client = test::application(world.start(GENERATE(Kind::none, Kind::ctr_twin)));
  client.say("PUT /big HTTP/1.1\n");
  const std::string more(1 << 20, 'u');
  // Uploads for as long as it can, as curl -T does, and reads a little late: the answer is still on
  // its way when the first write to the service fails.
  client.pause();
  int turns = 0;
  REQUIRE(world.wait_for([&] {
    if (client.unsaid() == 0) client.say(more);
    if (world.service.refused != 0 && ++turns == 50) client.resume();
    return client.turn().has_heard_end || client.was_reset;
  }));
  REQUIRE(world.wait_for([&] {
    client.turn();
    return world.relay.living() == 1;  // the control pair: nothing waits for ever
  }));
  CHECK(client.heard.size() == world.service.refusal.size());
  CHECK((client.heard == world.service.refusal));
  CHECK(client.has_heard_end);
  CHECK(world.client_trouble.empty());
  CHECK(world.device_trouble.empty());
}

TEST_CASE("a connection that breaks at the relay ends alone", "[bridge]") {
  TunnelWorld world;
  world.service.greeting = "half of it";
  const auto port = world.start(Kind::ctr_twin);
  auto client = test::application(port);
  REQUIRE(world.wait_for([&] { return client.turn().heard == "half of it"; }));
  world.relay.abort(1);
  REQUIRE(world.wait_for([&] { return client.turn().was_reset; }));
  CHECK(test::run(world.loop, test::ask(port, "x")) == "half of itecho:x");
  CHECK_FALSE(world.client_ended);
  CHECK(world.client_trouble.empty());
}

TEST_CASE("what may not be opened any more is not opened", "[bridge]") {
  TunnelWorld world;
  bool may_open = true;
  world.dial_options.may_open = [&] { return may_open; };
  const auto port = world.start(Kind::ctr_twin);
  CHECK(test::run(world.loop, test::ask(port, "a")) == "echo:a");
  may_open = false;
  CHECK(test::run(world.loop, test::ask(port, "")) == "");
  CHECK(world.service.accepted == 1);
  REQUIRE(world.device_trouble.size() == 1);
  CHECK(world.device_trouble[0].code() == Errc::refused);
  may_open = true;
  CHECK(test::run(world.loop, test::ask(port, "b")) == "echo:b");
}

TEST_CASE("the end of the control channel ends both ends, with all connections", "[bridge]") {
  const auto before = test::open_descriptors();
  {
    TunnelWorld world;
    const auto port = world.start(Kind::ctr_twin);
    world.service.holds = true;
    for (int i = 0; i < 5; ++i) world.ends.spawn(ask_and_note(port, "x", world.answers));
    REQUIRE(world.wait_for([&] { return world.service.accepted == 5; }));
    world.relay.abort(0);
    REQUIRE(world.wait_for([&] { return world.client_ended && world.device_ended; }));
    REQUIRE_FALSE(*world.client_ended);
    CHECK(world.client_ended->error().hop() == Hop::relay);
    REQUIRE(world.wait_for([&] { return world.answers.size() == 5; }));
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a session without connections ends by itself", "[bridge]") {
  TunnelWorld world;
  const bool at_client = GENERATE(true, false);
  (at_client ? world.serve_options.idle : world.dial_options.idle) = std::chrono::milliseconds(30);
  const auto port = world.start(Kind::ctr_twin);
  if (at_client) test::run(world.loop, test::ask(port, "x"));
  REQUIRE(world.wait_for([&] { return world.client_ended && world.device_ended; }));
  CHECK(world.device_ended->has_value());
  CHECK(world.client_ended->has_value() == at_client);
  if (at_client) {
    CHECK((*world.client_ended)->connections == 1);
    CHECK((*world.client_ended)->bytes_up == 1);
    CHECK((*world.client_ended)->bytes_down == 6);
  }
}

TEST_CASE("the device may be the first to find the session idle", "[bridge]") {
  TunnelWorld world;
  world.dial_options.idle = std::chrono::milliseconds(60);
  world.serve_options.idle = std::chrono::milliseconds(80);
  world.start(Kind::ctr_twin);
  REQUIRE(world.wait_for([&] { return world.client_ended && world.device_ended; }));
  CHECK(world.client_ended->has_value());
}

TEST_CASE("an open connection keeps a session from being idle", "[bridge]") {
  TunnelWorld world;
  world.service.holds = true;
  world.serve_options.idle = std::chrono::milliseconds(20);
  const auto port = world.start(Kind::ctr_twin);
  world.ends.spawn(ask_and_note(port, "x", world.answers));
  REQUIRE(world.wait_for([&] { return world.service.accepted == 1; }));
  const auto later = net::in(std::chrono::milliseconds(100));
  REQUIRE(world.wait_for([&] { return std::chrono::steady_clock::now() > later; }));
  CHECK_FALSE(world.client_ended);
}

TEST_CASE("cancelling either end joins everything and closes everything", "[bridge]") {
  const auto before = test::open_descriptors();
  {
    TunnelWorld world;
    const auto port = world.start(Kind::ctr_twin);
    world.service.holds = true;
    for (int i = 0; i < 3; ++i) world.ends.spawn(ask_and_note(port, "x", world.answers));
    REQUIRE(world.wait_for([&] { return world.service.accepted == 3; }));
    world.ends.cancel();
    test::run(world.loop, world.ends.join());
    CHECK(world.poller.size() == 2 * world.relay.living());
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a relay that is down is named, and nothing stays open", "[bridge]") {
  const auto before = test::open_descriptors();
  {
    TunnelWorld world;
    auto leg = world.leg(End::client, fresh_protection(Kind::ctr_twin));
    {
      auto gone = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
      leg.relay_port = test::port_of(gone);
    }
    auto listener = *LocalListener::open(world.loop.get_executor(), "127.0.0.1", 0);
    const auto ended = test::run(
        world.loop,
        listener.serve(std::move(leg), world.poller, net::in(test::kPatience), ServeOptions()));
    REQUIRE_FALSE(ended);
    CHECK(ended.error().hop() == Hop::relay);
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a local port that is taken is an error at once", "[bridge]") {
  TunnelWorld world;
  auto first = LocalListener::open(world.loop.get_executor(), "127.0.0.1", 0);
  REQUIRE(first);
  const auto second = LocalListener::open(world.loop.get_executor(), "127.0.0.1", first->port());
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == Errc::busy);
}
