// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/commands.hpp"

#include <catch2/catch.hpp>

#include "fake_world.hpp"
#include "noports/atclient/address_book.hpp"

using namespace noports;
using namespace noports::atclient;
using namespace std::chrono_literals;
using test::atsign;

namespace {

struct World {
  asio::io_context loop;
  test::FakeWorld fake{loop};
  Login login{fake.directory(), fake.tls(), atsign("@alice"), test::alice_keys()};
  Commands commands;
  net::TaskGroup tasks{loop.get_executor(), nullptr};

  explicit World(Commands::Pace pace = Commands::Pace())
      : commands(loop.get_executor(), login, pace) {}
  ~World() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }

  void open() {
    REQUIRE(test::run(loop, commands.open(net::in(10s))));
    tasks.spawn(commands.serve());
  }
  Result<std::string> ask(at::Verb verb, std::chrono::milliseconds patience = 10s) {
    return test::run(loop, commands.ask(std::move(verb), net::in(patience)));
  }
};

at::Verb notify(std::string id) {
  return *at::decode("notify:id:" + id +
                     ":update:ttln:60000:isEncrypted:true:@bob:a.b@alice:dGV4dA==");
}

}  // namespace

TEST_CASE("only a challenge is signed", "[atclient][authenticate][hostile]") {
  CHECK(is_challenge(
      "_4c3d0a52-7a44-4a06-9f0e-5b8f1c2d9e11@alice:8a1e0a52-7a44-4a06-9f0e-5b8f1c2d2c4e"));
  const auto text = GENERATE(as<std::string>{}, "", "success", "_", "_a@b", "a@alice:8a1e0a52",
                             R"({"payload":"_a@b:c"})", "_a b@alice:8a1e", "_a@alice:{\"x\":1}",
                             "_a@alice:\x01"
                             "8a1e0a52");
  CAPTURE(text);
  CHECK_FALSE(is_challenge(text));
  CHECK_FALSE(is_challenge("_@:" + std::string(300, 'x')));
}

TEST_CASE("the first connection is logged in with JSON refusals and the enrolment's id",
          "[atclient][commands]") {
  World world;
  world.open();
  REQUIRE(world.fake.commands.size() == 2);
  CHECK(world.fake.commands[0] == R"(from:@alice:clientConfig:{"version":"3.3.0"})");
  CHECK(world.fake.commands[1].starts_with(
      "pkam:signingAlgo:rsa2048:hashingAlgo:sha256:enrollmentId:" +
      test::alice_keys()->enrollment_id.value()));
  CHECK(world.fake.logins == 1);
}

TEST_CASE("keys that the atServer does not accept are rejected, with a hint",
          "[atclient][commands]") {
  World world;
  world.fake.script = [](const std::string& line) -> std::optional<std::string> {
    if (!line.starts_with("pkam")) return std::nullopt;
    return "error:AT0401-Exception: pkam authentication failed\n@";
  };
  const auto opened = test::run(world.loop, world.commands.open(net::in(10s)));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == Errc::rejected);
  CHECK(opened.error().hop() == Hop::atserver);
  CHECK_FALSE(opened.error().hint().empty());
  CHECK(opened.error().what().find("logging in as @alice") != std::string::npos);
}

TEST_CASE("an atServer without our key is not set up", "[atclient][commands]") {
  World world;
  world.fake.script = [](const std::string& line) -> std::optional<std::string> {
    if (!line.starts_with("pkam")) return std::nullopt;
    return R"(error:{"errorCode":"AT0015","errorDescription":"no key"})"
           "\n@";
  };
  const auto opened = test::run(world.loop, world.commands.open(net::in(10s)));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == Errc::not_set_up);
  CHECK(opened.error().hint() == "activate it first: at_activate onboard -a @alice");
}

TEST_CASE("an atSign that the directory does not know is not set up", "[atclient][commands]") {
  World world;
  world.fake.hosts.clear();
  const auto opened = test::run(world.loop, world.commands.open(net::in(10s)));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == Errc::not_set_up);
  CHECK(opened.error().hop() == Hop::directory);
}

TEST_CASE("an address that has changed is asked for anew", "[atclient][login]") {
  World world;
  const auto right = world.fake.hosts["alice"];
  // A port that nobody listens on any more.
  const auto gone = net::listen(world.loop.get_executor(), "127.0.0.1", 0)->local_endpoint().port();
  world.fake.hosts["alice"] = "localhost:" + std::to_string(gone);
  REQUIRE(test::run(world.loop, world.login.find(net::in(10s))));
  world.fake.hosts["alice"] = right;
  CHECK(test::run(world.loop, world.commands.open(net::in(10s))));
}

TEST_CASE("an address from an earlier run saves the question, and is replaced when it is wrong",
          "[atclient][login]") {
  World world;
  test::TempFolder folder;
  const auto book =
      std::make_shared<AddressBook>(folder.path() / "addresses", world.fake.directory());
  const auto login = [&] {
    Login later(world.fake.directory(), world.fake.tls(), atsign("@alice"), test::alice_keys(),
                book);
    return test::run(world.loop, later.open(Refusals::json, net::in(10s))).has_value();
  };
  CHECK(login());
  CHECK(world.fake.questions == 1);
  CHECK(login());
  CHECK(world.fake.questions == 1);
  const auto right = *book->find(atsign("@alice"));
  const auto gone = net::listen(world.loop.get_executor(), "127.0.0.1", 0)->local_endpoint().port();
  book->keep(atsign("@alice"), {"localhost", gone});
  CHECK(login());
  CHECK(world.fake.questions == 2);
  CHECK(*book->find(atsign("@alice")) == right);
}

TEST_CASE("commands that are asked together go one after the other", "[atclient][commands]") {
  World world;
  world.open();
  int answered = 0;
  const auto one = [&](int i) -> asio::awaitable<void> {
    const auto id = "n" + std::to_string(i);
    auto answer = co_await world.commands.ask(notify(id), net::in(10s));
    if (answer && *answer == id) ++answered;
  };
  net::TaskGroup users(world.loop.get_executor(), nullptr);
  for (int i = 0; i < 50; ++i) users.spawn(one(i));
  REQUIRE(test::eventually(world.loop, [&] { return users.size() == 0; }));
  CHECK(answered == 50);
  CHECK_FALSE(world.fake.is_pipelined);
  CHECK(world.fake.logins == 1);
}

TEST_CASE("a refusal is the answer of its command alone", "[atclient][commands]") {
  World world;
  world.open();
  const auto missing = world.ask(*at::decode("llookup:a.b@alice"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == Errc::not_found);
  CHECK(world.ask(notify("n1")));
  CHECK(world.fake.logins == 1);
}

TEST_CASE("a command whose connection breaks is sent again with the same id",
          "[atclient][commands]") {
  World world;
  world.open();
  bool is_broken = false;
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    if (!line.starts_with("notify") || std::exchange(is_broken, true)) return std::nullopt;
    return "";
  };
  const auto answer = world.ask(notify("n1"));
  REQUIRE(answer);
  CHECK(*answer == "n1");
  CHECK(world.fake.count("notify:id:n1:") == 2);
  CHECK(world.fake.logins == 2);
}

TEST_CASE("a command that breaks every connection is given up", "[atclient][commands][hostile]") {
  World world;
  world.open();
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    if (!line.starts_with("notify")) return std::nullopt;
    return "";
  };
  const auto answer = world.ask(notify("n1"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::disconnected);
  CHECK(answer.error().hop() == Hop::atserver);
  CHECK(world.fake.count("notify") == 2);
  CHECK_FALSE(world.ask(*at::decode("llookup:a.b@alice")));  // the next one gets its answer
}

TEST_CASE("an idle connection that was cut is replaced when it is needed", "[atclient][commands]") {
  World world;
  world.open();
  world.fake.cut();
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.connections() == 0; }));
  CHECK(world.ask(notify("n1")));
}

TEST_CASE("a command waits for an atServer that restarts", "[atclient][commands]") {
  World world;
  world.open();
  world.fake.is_refusing = true;
  world.fake.cut();
  Result<std::string> answer = fail(Errc::io, "none yet");
  bool is_done = false;
  const auto user = [&]() -> asio::awaitable<void> {
    answer = co_await world.commands.ask(notify("n1"), net::in(20s));
    is_done = true;
  };
  net::TaskGroup users(world.loop.get_executor(), nullptr);
  users.spawn(user());
  const auto until = net::in(300ms);  // it fails a few times meanwhile
  REQUIRE(test::eventually(world.loop, [&] { return std::chrono::steady_clock::now() > until; }));
  CHECK_FALSE(is_done);
  world.fake.is_refusing = false;
  REQUIRE(test::eventually(world.loop, [&] { return users.size() == 0; }));
  CHECK(answer);
}

TEST_CASE("a command that ends at its deadline says what was in the way", "[atclient][commands]") {
  World world;
  world.open();
  world.fake.is_refusing = true;
  world.fake.cut();
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.connections() == 0; }));
  const auto answer = world.ask(notify("n1"), 600ms);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().hop() == Hop::atserver);
  CHECK(answer.error().what().find("localhost:") != std::string::npos);
}

TEST_CASE("a command that nobody waits for any more does not disturb the next one",
          "[atclient][commands]") {
  Commands::Pace pace;
  pace.answer = 1s;
  World world(pace);
  world.open();
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    if (!line.starts_with("notify:id:slow")) return std::nullopt;
    return "data:slow\n@alice@";
  };
  world.fake.is_silent = true;
  const auto late = world.ask(notify("late"), 50ms);
  REQUIRE_FALSE(late);
  CHECK(late.error().code() == Errc::timed_out);
  world.fake.is_silent = false;
  const auto answer = world.ask(notify("n1"));
  REQUIRE(answer);
  CHECK(*answer == "n1");
}

TEST_CASE("an idle connection is kept alive, and replaced when it is dead",
          "[atclient][commands]") {
  Commands::Pace pace;
  pace.idle = 20ms;
  pace.answer = 1s;
  World world(pace);
  world.open();
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.count("noop:0") >= 3; }));
  CHECK(world.fake.logins == 1);
  world.fake.is_silent = true;
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.connections() == 0; }));
  world.fake.is_silent = false;
  CHECK(world.ask(notify("n1")));
}

TEST_CASE("a helper takes commands while the main connection is busy", "[atclient][commands]") {
  World world;
  world.open();
  world.tasks.spawn(world.commands.assist());
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.logins == 2; }));
  std::size_t answered = 0;
  const auto one = [&](int i) -> asio::awaitable<void> {
    auto answer = co_await world.commands.ask(notify("n" + std::to_string(i)), net::in(10s));
    answered += answer ? 1 : 0;
  };
  net::TaskGroup users(world.loop.get_executor(), nullptr);
  for (int i = 0; i < 20; ++i) users.spawn(one(i));
  REQUIRE(test::eventually(world.loop, [&] { return users.size() == 0; }));
  CHECK(answered == 20);
  CHECK(world.fake.count("notify") == 20);
  CHECK_FALSE(world.fake.is_pipelined);
}

TEST_CASE("closing ends the commands that wait", "[atclient][commands]") {
  World world;
  world.open();
  world.fake.is_silent = true;
  Result<std::string> answer = std::string();
  const auto user = [&]() -> asio::awaitable<void> {
    answer = co_await world.commands.ask(notify("n1"), net::in(20s));
  };
  net::TaskGroup users(world.loop.get_executor(), nullptr);
  users.spawn(user());
  REQUIRE(test::eventually(world.loop, [&] { return world.fake.count("notify") == 1; }));
  world.commands.close();
  REQUIRE(test::eventually(world.loop, [&] { return users.size() == 0; }));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::disconnected);
  CHECK(world.ask(notify("n2")).error().code() == Errc::disconnected);
}

TEST_CASE("answers that are none break the connection and nothing else",
          "[atclient][connection][hostile]") {
  World world;
  world.open();
  const auto junk =
      GENERATE(as<std::string>{}, "HTTP/1.1 400 Bad Request\n", "x\n", "hello world: x\n");
  bool is_sent = false;
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    if (!line.starts_with("notify") || std::exchange(is_sent, true)) return std::nullopt;
    return junk;
  };
  CHECK(world.ask(notify("n1")));  // on the second connection
  CHECK(world.fake.logins == 2);
}

TEST_CASE("prompts and pushes around an answer are not taken for it", "[atclient][connection]") {
  World world;
  world.open();
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    if (!line.starts_with("notify")) return std::nullopt;
    return "@alice@\n@alice@notification: {\"id\":\"-1\"}\n@@alice@data:n1\n@alice@";
  };
  CHECK(*world.ask(notify("n1")) == "n1");
  CHECK(*world.ask(notify("n1")) == "n1");
  CHECK(world.fake.logins == 1);
}
