// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/monitor.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "fake_world.hpp"

using namespace noports;
using namespace noports::atclient;
using namespace std::chrono_literals;
using test::atsign;

namespace {

Monitor::Pace quick() {
  Monitor::Pace pace;
  pace.first_pause = 1ms;
  pace.most_pause = 20ms;
  return pace;
}

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct World {
  asio::io_context loop;
  test::FakeWorld fake{loop};
  Login login{fake.directory(), fake.tls(), atsign("@alice"), test::alice_keys()};
  std::vector<std::string> heard;
  std::string breaks_at;  // the id of a notification that is too much for us
  Monitor monitor;
  net::TaskGroup tasks{loop.get_executor(), nullptr};
  std::optional<Error> ended;

  explicit World(Monitor::Pace pace = quick(), Progress progress = Progress(now() - 5'000, true))
      : monitor(
            loop.get_executor(), login, std::move(progress),
            [this](at::Notification note) { hear(note.id); }, pace) {}
  ~World() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }
  void open() {
    REQUIRE(test::run(loop, monitor.open(net::in(10s))));
    tasks.spawn(run());
  }
  asio::awaitable<void> run() { ended = co_await monitor.run(); }
  void hear(const std::string& id) {
    if (id == breaks_at) throw std::logic_error("a bug");
    heard.push_back(id);
  }
  bool hears(std::size_t number) {
    return test::eventually(loop, [&] { return heard.size() >= number; });
  }
};

}  // namespace

TEST_CASE("notifications are heard in order", "[atclient][monitor]") {
  World world;
  world.open();
  for (int i = 0; i < 20; ++i) world.fake.push("n" + std::to_string(i));
  REQUIRE(world.hears(20));
  CHECK(world.heard.front() == "n0");
  CHECK(world.heard.back() == "n19");
  CHECK(world.fake.count("from:@alice:clientConfig") == 0);
  CHECK(world.fake.count("monitor:selfNotifications:") == 1);
}

TEST_CASE("what arrived between the login and the first read is heard", "[atclient][monitor]") {
  World world;
  REQUIRE(test::run(world.loop, world.monitor.open(net::in(10s))));
  world.fake.push("early");
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.monitors() == 1; }));
  world.tasks.spawn(world.run());
  CHECK(world.hears(1));
}

TEST_CASE("a time to resume from brings what came since", "[atclient][monitor]") {
  World world(quick(), Progress(0, false));
  world.fake.push("old");
  world.open();
  CHECK(world.hears(1));
}

TEST_CASE("no notification is lost or heard twice, wherever the connection breaks",
          "[atclient][monitor]") {
  World world;
  // Some budgets end inside a line, some at its end, some at once.
  for (std::size_t i = 0; i < 60; ++i) world.fake.budgets.push_back(i * 37 % 1'500);
  world.open();
  std::vector<std::string> sent;
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 3; ++i) {
      sent.push_back("n" + std::to_string(sent.size()));
      world.fake.push(sent.back());
    }
    world.loop.run_for(3ms);
  }
  REQUIRE(world.hears(sent.size()));
  auto heard = world.heard;
  std::sort(heard.begin(), heard.end());
  std::sort(sent.begin(), sent.end());
  CHECK(heard == sent);
  CHECK(world.fake.logins > 5);
}

TEST_CASE("an atServer that is away is found again", "[atclient][monitor]") {
  World world;
  world.open();
  world.fake.push("a");
  REQUIRE(world.hears(1));
  world.fake.is_refusing = true;
  world.fake.cut();
  REQUIRE(test::eventually(world.loop, [&] { return !world.monitor.is_connected(); }));
  world.fake.push("b");
  world.fake.is_refusing = false;
  REQUIRE(world.hears(2));
  CHECK(world.heard == std::vector<std::string>{"a", "b"});
  CHECK(world.monitor.is_connected());
}

TEST_CASE("an enrolment that is withdrawn ends the monitor, keys that are refused do not",
          "[atclient][monitor]") {
  World world;
  world.open();
  std::string refusal = "error:AT0401-Exception: pkam authentication failed\n@";
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    if (!line.starts_with("pkam:")) return std::nullopt;
    return refusal;
  };
  world.fake.cut();
  // Refused some times, and still trying: a server may err, and sessions are at stake.
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.count("pkam:") >= 4; }));
  CHECK_FALSE(world.ended);
  refusal = "error:AT0027:enrollment_id: 86c16cf2 is revoked\n@";
  REQUIRE(test::eventually(world.loop, [&] { return world.ended.has_value(); }));
  CHECK(world.ended->code() == Errc::revoked);
  CHECK(world.ended->hop() == Hop::atserver);
  CHECK_FALSE(world.monitor.is_connected());
}

TEST_CASE("a connection that does not answer its heartbeat is replaced", "[atclient][monitor]") {
  auto pace = quick();
  pace.heartbeat = 20ms;
  pace.answer = 1s;
  World world(pace);
  world.open();
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.count("noop:0") >= 3; }));
  CHECK(world.fake.logins == 1);
  world.fake.is_silent = true;
  REQUIRE(test::eventually(world.loop, [&] { return !world.monitor.is_connected(); }));
  world.fake.is_silent = false;
  REQUIRE(test::eventually(world.loop, [&] { return world.monitor.is_connected(); }));
  world.fake.push("n");
  CHECK(world.hears(1));
}

TEST_CASE("statistics are not heard and tell the server's time", "[atclient][monitor]") {
  World world;
  world.open();
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.monitors() == 1; }));
  world.fake.push_line(
      "notification: "
      "{\"id\":\"-1\",\"from\":\"@alice\",\"to\":\"@alice\",\"key\":\"statsNotification."
      "@alice\",\"value\":\"41\",\"operation\":\"update\",\"epochMillis\":1999999999999,"
      "\"messageType\":"
      "\"MessageType.key\",\"isEncrypted\":false,\"metadata\":null}\n");
  REQUIRE(test::eventually(world.loop,
                           [&] { return world.monitor.progress().newest() == 1'999'999'999'999; }));
  CHECK(world.heard.empty());
}

TEST_CASE("lines that cannot be read, or are too long, do not stop the stream",
          "[atclient][monitor][hostile]") {
  World world;
  world.open();
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.monitors() == 1; }));
  world.fake.push_line("notification: nonsense\n");
  world.fake.push_line("notification: {}\n");
  world.fake.push_line("notification: {\"id\":\"\"}\n");
  world.fake.push_line("what is this\n");
  world.fake.push_line("notification: {\"id\":\"" + std::string(Monitor::kLineLimit, 'x') +
                       "\"}\n");
  world.fake.push("good");
  REQUIRE(world.hears(1));
  CHECK(world.heard == std::vector<std::string>{"good"});
  CHECK(world.fake.logins == 1);
}

TEST_CASE("a server that refuses to push is asked again", "[atclient][monitor]") {
  World world;
  world.open();
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.monitors() == 1; }));
  world.fake.push_line("error:AT0401-Exception: Command cannot be executed without auth\n");
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.logins == 2; }));
  world.fake.push("n");
  CHECK(world.hears(1));
}

TEST_CASE("a bug in dealing with a notification costs it and the connection, no more",
          "[atclient][monitor][hostile]") {
  World world;
  world.breaks_at = "bad";
  world.open();
  world.fake.push("a");
  world.fake.push("bad");
  world.fake.push("b");
  REQUIRE(world.hears(2));
  CHECK(world.heard == std::vector<std::string>{"a", "b"});
  CHECK(world.fake.logins == 2);
}
