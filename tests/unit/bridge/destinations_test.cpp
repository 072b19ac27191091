// SPDX-License-Identifier: BSD-3-Clause
// Sessions to several destinations: opened when wanted, shared, kept, opened again.
#include "noports/bridge/destinations.hpp"

#include <catch2/catch.hpp>

#include "unit/bridge/tunnel_world.hpp"

using namespace noports;
using namespace noports::bridge;
using namespace std::chrono_literals;
using test::Kind;

namespace {

// Two services behind one device, and the client's sessions to them.
struct World : test::TunnelWorld {
  World() {
    other.greeting = "other:";
    options.idle = test::kPatience;
    options.on_trouble = [this](const Target& to, const Error& e) {
      trouble.push_back(std::to_string(to.port) + ": " + e.what());
    };
  }
  ~World() {
    if (destinations) test::run(loop, destinations->close());
    ends.cancel();  // before the dialers that its tasks serve
    test::run(loop, ends.join());
    other.tasks().cancel();
    test::run(loop, other.tasks().join());
  }
  void start() {
    destinations.emplace(
        poller, [this](Target to) { return open(std::move(to)); }, options);
  }
  // As relay and device would together.
  asio::awaitable<Result<Leg>> open(Target to) {
    ++opened;
    if (refuses) co_return fail(Errc::refused, Hop::device, "Daemon does not permit it");
    const auto session = fresh_protection(Kind::ctr_twin);
    auto device = co_await RemoteDialer::open_multi(leg(End::device, session), std::move(to),
                                                    poller, net::in(test::kPatience), dial_options);
    if (!device) co_return fail(std::move(device).error());
    dialers.push_back(*std::move(device));
    ends.spawn(serve(*dialers.back()));
    co_return leg(End::client, session);
  }
  asio::awaitable<void> serve(RemoteDialer& device) {
    auto ended = co_await device.serve();
    if (!ended) device_trouble.push_back(ended.error());
  }
  Result<void> reach(std::uint16_t port) {
    return test::run(loop, destinations->reach(Target{"127.0.0.1", port}));
  }
  // What the service behind `port` answers to "hi" through a connection that is carried there.
  std::string through(std::uint16_t port) {
    auto acceptor = *net::listen(loop.get_executor(), "127.0.0.1", 0);
    net::Socket application(loop);
    application.connect(acceptor.local_endpoint());
    auto ours = test::run(loop, net::accept(acceptor));
    destinations->carry(Target{"127.0.0.1", port}, Side(*std::move(ours)));
    test::run(loop, test::write(application, "hi"));
    std::error_code ignored;
    application.shutdown(net::Socket::shutdown_send, ignored);
    return test::run(loop, test::read_all(application));
  }

  test::Service other{loop};
  Destinations::Options options;
  std::optional<Destinations> destinations;
  std::vector<std::unique_ptr<RemoteDialer>> dialers;
  std::vector<std::string> trouble;
  std::size_t opened = 0;
  bool refuses = false;
};

asio::awaitable<void> note_reaching(Destinations& all, Target to, std::vector<bool>& ends) {
  auto reached = co_await all.reach(std::move(to));
  ends.push_back(reached.has_value());
}

}  // namespace

TEST_CASE("each destination has a session of its own, which its connections share", "[bridge]") {
  World world;
  world.start();
  REQUIRE(world.reach(world.service.port()));
  REQUIRE(world.reach(world.other.port()));
  CHECK(world.through(world.service.port()) == "echo:hi");
  CHECK(world.through(world.other.port()) == "other:echo:hi");
  CHECK(world.through(world.service.port()) == "echo:hi");
  CHECK(world.opened == 2);
  CHECK(world.destinations->size() == 2);
  CHECK(world.trouble.empty());
}

TEST_CASE("who wants a destination at the same time waits for one session", "[bridge]") {
  World world;
  world.start();
  std::vector<bool> ends;
  net::TaskGroup tasks(world.loop.get_executor(), [](std::exception_ptr) { std::abort(); });
  for (int i = 0; i < 5; ++i) {
    const Target to{"127.0.0.1", world.service.port()};
    tasks.spawn(note_reaching(*world.destinations, to, ends));
  }
  test::run(world.loop, tasks.join());
  CHECK(ends == std::vector<bool>(5, true));
  CHECK(world.opened == 1);
}

TEST_CASE("a destination that is refused says why to each, and is asked for again", "[bridge]") {
  World world;
  world.refuses = true;
  world.start();
  const auto refused = world.reach(world.service.port());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Errc::refused);
  REQUIRE(world.trouble.size() == 1);
  CHECK(world.trouble[0].find("does not permit") != std::string::npos);
  CHECK(world.destinations->size() == 0);
  world.refuses = false;
  REQUIRE(world.reach(world.service.port()));
  CHECK(world.through(world.service.port()) == "echo:hi");
}

TEST_CASE("an idle session ends, and the next connection opens another", "[bridge]") {
  World world;
  world.options.idle = 50ms;
  world.start();
  REQUIRE(world.reach(world.service.port()));
  REQUIRE(world.wait_for([&] { return world.destinations->size() == 0; }));
  CHECK(world.trouble.empty());
  CHECK(world.through(world.service.port()) == "echo:hi");
  CHECK(world.opened == 2);
}

TEST_CASE("a session that is lost ends its connections alone", "[bridge][hostile]") {
  World world;
  world.start();
  REQUIRE(world.reach(world.service.port()));
  REQUIRE(world.reach(world.other.port()));
  world.relay.abort(0);  // the control pair of the first
  REQUIRE(world.wait_for([&] { return world.destinations->size() == 1; }));
  CHECK(world.trouble.size() == 1);
  CHECK(world.through(world.other.port()) == "other:echo:hi");
  CHECK(world.through(world.service.port()) == "echo:hi");
  CHECK(world.opened == 3);
}

TEST_CASE("no more destinations than the limit are open at once", "[bridge][hostile]") {
  World world;
  world.options.most = 1;
  world.start();
  REQUIRE(world.reach(world.service.port()));
  const auto second = world.reach(world.other.port());
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == Errc::busy);
  REQUIRE(world.trouble.size() == 1);
  CHECK(world.trouble[0].find("limit") != std::string::npos);
  CHECK(world.reach(world.service.port()));
  CHECK(world.through(world.other.port()).empty());
  CHECK(world.trouble.size() == 2);
}
