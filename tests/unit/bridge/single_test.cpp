// SPDX-License-Identifier: BSD-3-Clause
// Single mode, and both modes over descriptors instead of a port.
#include <catch2/catch.hpp>

#include "unit/bridge/tunnel_world.hpp"

using namespace noports;
using namespace noports::bridge;
using test::Kind;
using test::TunnelWorld;

namespace {

struct Single : TunnelWorld {
  Single() : session(fresh_protection(Kind::ctr_twin)) {}

  Result<std::unique_ptr<RemoteDialer>> open_device() {
    return test::run(loop, RemoteDialer::open_single(leg(End::device, session), target, poller,
                                                     net::in(test::kPatience)));
  }
  void serve_device() {
    dialer = *open_device();
    ends.spawn(device());
  }
  asio::awaitable<void> note(asio::awaitable<Result<Summary>> serving) {
    auto ended = co_await std::move(serving);
    client_ended.emplace(std::move(ended));
  }

  Protection session;
};

}  // namespace

TEST_CASE("one connection travels in single mode, and the listener closes", "[bridge]") {
  Single world;
  world.serve_device();
  auto listener = *LocalListener::open(world.loop.get_executor(), "127.0.0.1", 0);
  world.ends.spawn(world.note(listener.serve_one(world.leg(End::client, world.session),
                                                 world.poller, net::in(test::kPatience))));
  const auto text = test::pattern(300'000);
  CHECK(test::run(world.loop, test::ask(listener.port(), text)) == "echo:" + text);
  REQUIRE(world.wait_for([&] { return world.client_ended && world.device_ended; }));
  REQUIRE(*world.client_ended);
  REQUIRE(*world.device_ended);
  CHECK((*world.client_ended)->bytes_up == text.size());
  CHECK((*world.device_ended)->bytes_up == text.size());
  CHECK((*world.device_ended)->bytes_down == text.size() + 5);
  CHECK(test::run(world.loop, test::ask(listener.port(), "again")).front() == '<');
}

TEST_CASE("in single mode a refused target leaves the relay alone", "[bridge]") {
  Single world;
  {
    auto gone = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
    world.target.port = test::port_of(gone);
  }
  const auto opened = world.open_device();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().hop() == Hop::target);
  CHECK(world.relay.waiting() == 0);
  CHECK(world.relay.refused == 0);
}

// noports-wire.md Q-37
TEST_CASE("a relay that is down does not leave the application hanging", "[bridge]") {
  Single world;
  auto leg = world.leg(End::client, world.session);
  {
    auto gone = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
    leg.relay_port = test::port_of(gone);
  }
  auto listener = *LocalListener::open(world.loop.get_executor(), "127.0.0.1", 0);
  world.ends.spawn(
      world.note(listener.serve_one(std::move(leg), world.poller, net::in(test::kPatience))));
  const auto answer = test::run(world.loop, test::ask(listener.port(), "x"));
  CHECK((answer.empty() || answer[0] == '<'));
  REQUIRE(world.wait_for([&] { return world.client_ended.has_value(); }));
  REQUIRE_FALSE(*world.client_ended);
  CHECK(world.client_ended->error().hop() == Hop::relay);
}

TEST_CASE("nobody connecting in time is an error", "[bridge]") {
  Single world;
  auto listener = *LocalListener::open(world.loop.get_executor(), "127.0.0.1", 0);
  const auto ended =
      test::run(world.loop, listener.serve_one(world.leg(End::client, world.session), world.poller,
                                               net::in(std::chrono::milliseconds(10))));
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code() == Errc::timed_out);
}

TEST_CASE("standard input and output carry a stream, over pipes", "[bridge]") {
  const auto before = test::open_descriptors();
  {
    Single world;
    auto in = test::make_pipe(), out = test::make_pipe();
    const bool multi = GENERATE(false, true);
    if (multi)
      world.start_device(world.session);
    else
      world.serve_device();
    auto leg = world.leg(End::client, world.session);
    auto serving = (multi ? serve_stdio_multi : serve_stdio)(
        std::move(leg), world.poller, in.first.get(), out.second.get(), net::in(test::kPatience));
    world.ends.spawn(world.note(std::move(serving)));
    CHECK(::write(in.second.get(), "piped", 5) == 5);
    in.second.close();
    test::Peer reader(std::move(out.first));
    REQUIRE(world.wait_for([&] { return reader.turn().has_heard_end; }));
    CHECK(reader.heard == "echo:piped");
    REQUIRE(world.wait_for([&] { return world.client_ended.has_value(); }));
    REQUIRE(*world.client_ended);
    CHECK((*world.client_ended)->bytes_down == 10);
    CHECK((::fcntl(in.first.get(), F_GETFL) & O_NONBLOCK) == 0);  // as it was
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("standard input and output may be one socket", "[bridge]") {
  Single world;
  world.serve_device();
  auto pair = test::tcp_pair();
  test::Peer program(std::move(pair.first));
  world.ends.spawn(
      world.note(serve_stdio(world.leg(End::client, world.session), world.poller, pair.second.get(),
                             pair.second.get(), net::in(test::kPatience))));
  program.say("both ways");
  program.end();
  REQUIRE(world.wait_for([&] { return program.turn().has_heard_end; }));
  CHECK(program.heard == "echo:both ways");
}

TEST_CASE("a session of one stream ends with its control channel", "[bridge]") {
  Single world;
  world.service.holds = true;
  world.start_device(world.session);
  auto in = test::make_pipe(), out = test::make_pipe();
  world.ends.spawn(
      world.note(serve_stdio_multi(world.leg(End::client, world.session), world.poller,
                                   in.first.get(), out.second.get(), net::in(test::kPatience))));
  REQUIRE(world.wait_for([&] { return world.service.accepted == 1; }));
  world.relay.abort(0);
  REQUIRE(world.wait_for([&] { return world.client_ended.has_value(); }));
  REQUIRE_FALSE(*world.client_ended);
  CHECK(world.client_ended->error().hop() == Hop::relay);
}

TEST_CASE("a relay that dies in the middle of standard input and output is an error", "[bridge]") {
  Single world;
  world.service.greeting = "the first half";
  const bool multi = GENERATE(false, true);
  if (multi)
    world.start_device(world.session);
  else
    world.serve_device();
  auto in = test::make_pipe(), out = test::make_pipe();
  auto serving = (multi ? serve_stdio_multi : serve_stdio)(
      world.leg(End::client, world.session), world.poller, in.first.get(), out.second.get(),
      net::in(test::kPatience));
  world.ends.spawn(world.note(std::move(serving)));
  test::Peer reader(std::move(out.first));
  REQUIRE(world.wait_for([&] { return reader.turn().heard == world.service.greeting; }));
  world.relay.abort(world.relay.pairs.size() - 1);  // the stream; a control channel lives on
  REQUIRE(world.wait_for([&] { return world.client_ended.has_value(); }));
  REQUIRE_FALSE(*world.client_ended);
  CHECK(world.client_ended->error().code() == Errc::disconnected);
  CHECK(world.client_ended->error().hop() == Hop::relay);
  CHECK_FALSE(world.client_ended->error().hint().empty());
}

TEST_CASE("in single mode a broken relay is an error, the application's reset is not", "[bridge]") {
  Single world;
  world.service.greeting = "hello";
  world.serve_device();
  auto listener = *LocalListener::open(world.loop.get_executor(), "127.0.0.1", 0);
  world.ends.spawn(world.note(listener.serve_one(world.leg(End::client, world.session),
                                                 world.poller, net::in(test::kPatience))));
  auto client = test::application(listener.port());
  REQUIRE(world.wait_for([&] { return client.turn().heard == "hello"; }));
  const bool is_relay = GENERATE(true, false);
  if (is_relay)
    world.relay.abort(0);
  else
    client.reset();
  REQUIRE(world.wait_for([&] { return world.client_ended.has_value(); }));
  CHECK(world.client_ended->has_value() == !is_relay);
}
