// SPDX-License-Identifier: BSD-3-Clause
// Enrolments between our own two ends, and our own atServer between them.
#include "noports/activate/enroll.hpp"

#include <catch2/catch.hpp>

#include "noports/activate/half_made.hpp"
#include "noports/activate/manage.hpp"
#include "noports/atclient/login.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/net/task_group.hpp"
#include "platform_world.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct World {
  test::PlatformWorld platform;
  at::Atsign self = *at::Atsign::parse("@ann");
  std::shared_ptr<const keys::Keys> owner;
  std::unique_ptr<atclient::Connection> connection;
  std::optional<Result<std::string>> enrolled;
  net::TaskGroup tasks{platform.loop.get_executor(), nullptr};

  World() {
    platform.activate("@ann");
    owner = platform.account("@ann").keys;
    atclient::Login login(platform.directory(), platform.tls(), self, owner);
    auto opened = run(login.open(atclient::Refusals::json, net::in(60s)));
    if (!opened) FAIL(opened.error().what());
    connection = *std::move(opened);
  }
  ~World() {
    tasks.cancel();
    test::run(platform.loop, tasks.join());
  }
  template <class T>
  T run(asio::awaitable<T> op) {
    return test::run(platform.loop, std::move(op));
  }
  std::string passcode() { return run(activate::ask_passcode(*connection, std::nullopt)).value(); }
  std::filesystem::path key_file() const {
    auto path = platform.key_file("@ann");
    path += ".lab";
    return path;
  }
  asio::awaitable<void> body(std::string code) {
    activate::Enrolling what{platform.directory(), platform.tls(), self};
    what.app_name = "noports";
    what.device_name = "lab";
    what.namespaces = *activate::parse_namespaces("sshnp:rw,sshrvd:rw");
    what.passcode = std::move(code);
    what.key_file = key_file();
    what.pause = 20ms;
    what.longest_pause = 100ms;
    activate::EnrolTold told;
    told.say = [](std::string_view) {};
    told.submitted = [](const std::string&, const std::string&) {};
    enrolled = co_await activate::enroll(std::move(what), std::move(told));
  }
  void start(std::string code) {
    enrolled.reset();
    tasks.spawn(body(std::move(code)));
  }
  std::vector<activate::Enrolment> of_status(const char* status) {
    const auto which = *activate::Selector::make("noports", "lab", false);
    return run(activate::ask_enrolments(*connection, {status}, which)).value();
  }
  activate::Enrolment wait_for_request() {
    auto all = of_status("pending");
    for (; all.empty(); all = of_status("pending")) {
      if (enrolled) FAIL("it ended before it asked");
    }
    return all.front();
  }
  Result<std::string> wait_for_end() {
    REQUIRE(test::eventually(platform.loop, [&] { return enrolled.has_value(); }));
    return *enrolled;
  }
  Result<std::unique_ptr<atclient::Client>> connect() {
    auto account = platform.account("@ann");
    auto keys = keys::load(key_file(), self);
    if (!keys) return fail(keys.error());
    account.keys = std::make_shared<const keys::Keys>(*std::move(keys));
    return platform.try_connect(std::move(account));
  }
};

}  // namespace

TEST_CASE("a device enrols with a passcode and works until it is revoked",
          "[integration][activate]") {
  World world;
  world.start(world.passcode());
  const auto wanted = world.wait_for_request();
  CHECK(activate::text_of(wanted.namespaces) == "{sshnp: rw, sshrvd: rw}");
  const auto approved = world.run(activate::approve(*world.connection, wanted, world.owner, false));
  if (!approved) FAIL(approved.error().what());
  const auto id = world.wait_for_end();
  if (!id) FAIL(id.error().what());
  CHECK(*id == wanted.id);
  {
    auto client = world.connect();
    if (!client) FAIL(client.error().what());
    world.platform.close(**client);
  }
  CHECK(world.run(activate::change(*world.connection, "revoke", *id, false))->status == "revoked");
  CHECK_FALSE(world.connect());
  CHECK(world.of_status("revoked").size() == 1);
  CHECK(world.run(activate::change(*world.connection, "unrevoke", *id, false)));
  auto client = world.connect();
  REQUIRE(client);
  world.platform.close(**client);
}

TEST_CASE("a device that is denied hears of it", "[integration][activate]") {
  World world;
  world.start(world.passcode());
  const auto wanted = world.wait_for_request();
  REQUIRE(world.run(activate::change(*world.connection, "deny", wanted.id, false)));
  const auto id = world.wait_for_end();
  REQUIRE_FALSE(id);
  CHECK(id.error().what().find("is denied") != std::string::npos);
  CHECK(world.run(activate::change(*world.connection, "delete", wanted.id, false))->status ==
        "deleted");
}

TEST_CASE("a passcode serves one request", "[integration][activate][hostile]") {
  World world;
  const auto code = world.passcode();
  world.start(code);
  const auto wanted = world.wait_for_request();
  REQUIRE(world.run(activate::change(*world.connection, "deny", wanted.id, false)));
  CHECK_FALSE(world.wait_for_end());
  world.start(code);
  CHECK_FALSE(world.wait_for_end());
}
