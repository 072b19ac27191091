// SPDX-License-Identifier: BSD-3-Clause
// The main job in one process: a tunnel through atServers, relay and device, and what happens when
// one of them goes away and comes back.
#include <catch2/catch.hpp>

#include "integration/world.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/net/stream.hpp"

using namespace noports;
using namespace std::chrono_literals;
using test::World;

namespace {

// One connection through the local port: a line up, its digest down, half-close, farewell.
asio::awaitable<Result<std::string>> talk(std::uint16_t port, std::string line) {
  auto socket = co_await net::dial("127.0.0.1", port, net::in(10s));
  if (!socket) co_return fail(std::move(socket).error());
  net::Stream stream(*std::move(socket));
  auto sent = co_await stream.write_all(line + "\n");
  if (!sent) co_return fail(std::move(sent).error());
  auto digest = co_await net::before(net::in(10s), stream.read_line());
  if (!digest) co_return fail(std::move(digest).error());
  std::error_code ignored;
  stream.socket().shutdown(net::Socket::shutdown_send, ignored);
  auto bye = co_await net::before(net::in(10s), stream.read_line());
  if (!bye) co_return fail(std::move(bye).error());
  co_return *digest + " " + *bye;
}

std::string expected(const std::string& line) { return crypto::hex(crypto::sha256(line)) + " bye"; }

// A tunnel that stands, in a loop of World's.
class Tunnel {
 public:
  Tunnel(World& world, bridge::Leg leg) : service_(world.loop) {
    listener_.emplace(*bridge::LocalListener::open(world.loop.get_executor(), "127.0.0.1", 0));
    service_.start(serve(world, std::move(leg)));
    ready =
        test::eventually(world.loop, [&] { return ready_ || !service_.is_running(); }) && ready_;
  }
  std::uint16_t port() const { return listener_->port(); }
  const test::Service& service() const { return service_; }
  bool ready = false;

 private:
  asio::awaitable<Result<void>> serve(World& world, bridge::Leg leg) {
    bridge::ServeOptions options;
    options.idle = 1min;
    options.on_ready = [this] { ready_ = true; };
    auto ended =
        co_await listener_->serve(std::move(leg), world.poller, net::in(10s), std::move(options));
    if (!ended) co_return fail(std::move(ended).error());
    co_return Result<void>();
  }
  std::optional<bridge::LocalListener> listener_;
  bool ready_ = false;
  test::Service service_;
};

// Until it works: what was restarted may need a moment to log in.
Result<bridge::Leg> leg_within(World& world, std::chrono::seconds patience, std::uint16_t port) {
  const auto deadline = net::in(patience);
  for (;;) {
    auto leg = world.open_tunnel("@client", proto::RequestKind::npt, port);
    if (leg || std::chrono::steady_clock::now() > deadline) return leg;
  }
}

}  // namespace

TEST_CASE("a tunnel carries many connections at once, each its own bytes", "[integration]") {
  World world;
  const auto port = world.start_echo();
  world.start_relay();
  world.start_device("localhost:" + std::to_string(port));
  auto leg = leg_within(world, 15s, port);
  REQUIRE(leg);
  CHECK(leg->protection.kind == bridge::Protection::Kind::ctr_twin);
  Tunnel tunnel(world, *std::move(leg));
  REQUIRE(tunnel.ready);

  std::vector<std::string> heard(50);
  std::size_t done = 0;
  net::TaskGroup tasks(world.loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); });
  const auto one = [&](std::size_t n) -> asio::awaitable<void> {
    auto answer = co_await talk(tunnel.port(), "line " + std::to_string(n));
    heard[n] = answer ? *answer : answer.error().what();
    ++done;
  };
  for (std::size_t n = 0; n < heard.size(); ++n) tasks.spawn(one(n));
  CHECK(test::eventually(world.loop, [&] { return done == heard.size(); }));
  tasks.cancel();
  test::run(world.loop, tasks.join());
  for (std::size_t n = 0; n < heard.size(); ++n) {
    CHECK(heard[n] == expected("line " + std::to_string(n)));
  }
}

TEST_CASE("each side authenticates to the relay as it can", "[integration][escr]") {
  const bool client_prefers = GENERATE(true, false);
  const bool device_has = GENERATE(true, false);
  World world;
  world.device_has_escr = device_has;
  if (!client_prefers) world.relay_auth.preferred = proto::RelayAuthMode::payload;
  const auto port = world.start_echo();
  world.start_relay();
  world.start_device("localhost:" + std::to_string(port));
  auto leg = leg_within(world, 15s, port);
  REQUIRE(leg);
  CHECK((leg->first_flight == 0) == client_prefers);  // with ESCR the relay answers
  Tunnel tunnel(world, *std::move(leg));
  REQUIRE(tunnel.ready);
  const auto [one, two] =
      test::run(world.loop, net::both(talk(tunnel.port(), "one"), talk(tunnel.port(), "two")));
  REQUIRE(one);
  REQUIRE(two);
  CHECK(*one == expected("one"));
  CHECK(*two == expected("two"));
}

TEST_CASE("an ssh session is one stream to the device's sshd", "[integration]") {
  World world;
  const auto port = world.start_echo();  // in sshd's place
  world.start_relay();
  world.start_device("localhost:" + std::to_string(port), port);
  REQUIRE(leg_within(world, 15s, port));
  auto leg = world.open_tunnel("@client", proto::RequestKind::ssh, 0);
  REQUIRE(leg);
  auto listener = bridge::LocalListener::open(world.loop.get_executor(), "127.0.0.1", 0);
  REQUIRE(listener);
  auto [summary, heard] = test::run(
      world.loop, net::both(listener->serve_one(*std::move(leg), world.poller, net::in(10s)),
                            talk(listener->port(), "hello")));
  REQUIRE(heard);
  CHECK(*heard == expected("hello"));
  REQUIRE(summary);
  CHECK(summary->bytes_up == 6);
}

TEST_CASE("the device refuses in words, and strangers hear nothing", "[integration][hostile]") {
  World world;
  const auto port = world.start_echo();
  world.start_relay();
  world.start_device("localhost:" + std::to_string(port));
  REQUIRE(leg_within(world, 15s, port));

  const auto closed = world.open_tunnel("@client", proto::RequestKind::npt, 1);
  REQUIRE_FALSE(closed);
  CHECK(closed.error().code() == Errc::refused);
  CHECK(closed.error().hop() == Hop::device);
  CHECK(closed.error().what().find("localhost:1") != std::string::npos);

  const auto stranger = world.open_tunnel("@stranger", proto::RequestKind::npt, port);
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().code() == Errc::timed_out);
  CHECK(stranger.error().hop() == Hop::device);

  const auto nobody = world.open_tunnel("@client", proto::RequestKind::npt, port, "other");
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().hop() == Hop::device);
}

TEST_CASE("each part may be restarted, and the next tunnel works", "[integration]") {
  World world;
  const auto port = world.start_echo();
  const auto permit = "localhost:" + std::to_string(port);
  world.start_relay();
  world.start_device(permit);
  REQUIRE(leg_within(world, 15s, port));

  world.stop_relay();
  world.start_relay();
  CHECK(leg_within(world, 15s, port));

  world.stop_device();
  world.start_device(permit);
  CHECK(leg_within(world, 15s, port));

  world.stop_platform();
  world.start_platform();
  auto leg = leg_within(world, 15s, port);
  REQUIRE(leg);
  Tunnel tunnel(world, *std::move(leg));
  REQUIRE(tunnel.ready);
  const auto heard = test::run(world.loop, talk(tunnel.port(), "hello"));
  REQUIRE(heard);
  CHECK(*heard == expected("hello"));
}

TEST_CASE("a tunnel whose relay goes away ends and says so", "[integration]") {
  World world;
  const auto port = world.start_echo();
  world.start_relay();
  world.start_device("localhost:" + std::to_string(port));
  auto leg = leg_within(world, 15s, port);
  REQUIRE(leg);
  Tunnel tunnel(world, *std::move(leg));
  REQUIRE(tunnel.ready);
  world.stop_relay();
  CHECK(test::eventually(world.loop, [&] { return !tunnel.service().is_running(); }));
  REQUIRE(tunnel.service().error());
  CHECK(tunnel.service().error()->hop() == Hop::relay);
}
