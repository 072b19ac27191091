// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/manage.hpp"

#include <catch2/catch.hpp>

#include "noports/atclient/login.hpp"
#include "support/vectors.hpp"
#include "unit/atclient/fake_world.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kId = "7b0d4c52-91aa-4c58-8f0e-0c2d7a4e5f66";

std::string record(const char* id, const char* app, const char* status) {
  Json json;
  json["appName"] = app;
  json["deviceName"] = "laptop1";
  json["namespace"]["sshnp"] = "rw";
  json["encryptedAPKAMSymmetricKey"] =
      test::vectors("enrollment.json")["request"]["encryptedAPKAMSymmetricKey"];
  json["status"] = status;
  return "\"" + std::string(id) + ".new.enrollments.__manage@alice\":" + json.dump();
}

struct World {
  asio::io_context loop;
  test::FakeWorld fake{loop};
  std::shared_ptr<const keys::Keys> keys =
      std::make_shared<const keys::Keys>(*keys::decode(test::vector_text("alice_key.dart.atKeys")));
  std::unique_ptr<atclient::Connection> connection;
  std::map<std::string, std::string> answers;  // to lines of this beginning, without "data:"

  World() {
    fake.script = [this](const std::string& line) -> std::optional<std::string> {
      for (const auto& [beginning, answer] : answers) {
        if (!line.starts_with(beginning)) continue;
        return (answer.starts_with("error:") ? answer : "data:" + answer) + "\n@alice@";
      }
      return std::nullopt;
    };
    atclient::Login login(fake.directory(), fake.tls(), *at::Atsign::parse("@alice"), keys);
    auto opened = run(login.open(atclient::Refusals::json, net::in(60s)));
    if (!opened) FAIL(opened.error().what());
    connection = *std::move(opened);
  }
  template <class T>
  T run(asio::awaitable<T> op) {
    return test::run(loop, std::move(op));
  }
  const std::string& last() const { return fake.commands.back(); }
  Result<activate::Approved> approve(bool zero_iv = false) {
    auto one = run(activate::ask_enrolment(*connection, kId));
    if (!one) return fail(one.error());
    return run(activate::approve(*connection, *one, keys, zero_iv));
  }
};

std::string inner(const std::string& text) { return text.substr(text.find(':') + 1); }

}  // namespace

TEST_CASE("a passcode is asked for, with and without an end", "[activate][manage]") {
  World world;
  world.answers["otp:get"] = "A1B2C3";
  CHECK(*world.run(activate::ask_passcode(*world.connection, std::nullopt)) == "A1B2C3");
  CHECK(world.last() == "otp:get");
  CHECK(world.run(activate::ask_passcode(*world.connection, 10min)));
  CHECK(world.last() == "otp:get:ttl:600000");
  for (const auto* bad : {"", "A1", "{\"a\":1}", "A1 B2C3"}) {
    world.answers["otp:get"] = bad;
    CHECK_FALSE(world.run(activate::ask_passcode(*world.connection, std::nullopt)));
  }
}

TEST_CASE("a passcode for many is set, and checked before", "[activate][manage]") {
  World world;
  world.answers["otp:put"] = "ok";
  CHECK(*world.run(activate::set_passcode(*world.connection, "abc123", 1h)) == "ok");
  CHECK(world.last() == "otp:put:abc123:ttl:3600000");
  const auto asked = world.fake.commands.size();
  for (const auto* bad : {"", "abc", "abc_123", "abc-123", "abcdefghijklmnopq", "abc:123"}) {
    const auto set = world.run(activate::set_passcode(*world.connection, bad, std::nullopt));
    REQUIRE_FALSE(set);
    CHECK(set.error().what() == "SPP must be alphanumeric and 6 to 16 characters long");
  }
  CHECK(world.fake.commands.size() == asked);
}

TEST_CASE("enrolments are listed by status and whole name", "[activate][manage]") {
  World world;
  world.answers["enroll:list"] = "{" + record("a", "noports", "pending") + "," +
                                 record("b", "notnoports", "pending") + "," +
                                 record("c", "noports", "approved") + "}";
  const auto ids = [&](std::vector<std::string> statuses, const char* app, bool is_regex) {
    std::optional<std::string> name;
    if (app != nullptr) name = app;
    const auto which = *activate::Selector::make(name, std::nullopt, is_regex);
    const auto all =
        *world.run(activate::ask_enrolments(*world.connection, std::move(statuses), which));
    std::string text;
    for (const auto& one : all) text += one.id;
    return text;
  };
  CHECK(ids({}, nullptr, false) == "abc");
  CHECK(world.last() == "enroll:list");
  CHECK(ids({"pending"}, nullptr, false) == "ab");
  CHECK(world.last() == "enroll:list:{\"enrollmentStatusFilter\":[\"pending\"]}");
  CHECK(ids({}, "noports", false) == "ac");
  CHECK(ids({"pending"}, "noports", true) == "ab");
}

TEST_CASE("an enrolment that is not there is not found", "[activate][manage]") {
  World world;
  for (const auto* answer : {"error:AT0015-key not found : x does not exist in keystore",
                             "error:AT0028:enrollment_id: x is expired or invalid"}) {
    world.answers["enroll:fetch"] = answer;
    const auto one = world.run(activate::ask_enrolment(*world.connection, "x"));
    REQUIRE_FALSE(one);
    CHECK(one.error().code() == Errc::not_found);
    CHECK(one.error().what() == "Enrollment ID x not found");
  }
}

TEST_CASE("an approval uses random IVs where the atServer keeps them", "[activate][manage]") {
  World world;
  const auto all = "{" + record(kId, "noports", "pending") + "}";
  world.answers["enroll:fetch"] = all.substr(all.find('{', 1), all.size() - all.find('{', 1) - 1);
  world.answers["enroll:approve"] =
      "{\"status\":\"approved\",\"enrollmentId\":\"" + std::string(kId) + "\"}";
  world.answers["info:brief"] = "{\"version\":\"3.1.0\",\"uptimeAsMillis\":1}";

  const auto approved = world.approve();
  if (!approved) FAIL(approved.error().what());
  CHECK(approved->outcome.status == "approved");
  CHECK_FALSE(approved->used_zero_iv);
  const auto sent = Json::parse(inner(inner(world.last())));
  CHECK(sent["enrollmentId"] == kId);
  CHECK(sent["encPrivateKeyIV"] != sent["selfEncKeyIV"]);
  CHECK(approved->check_code.size() == 8);

  world.answers["info:brief"] = "{\"version\":\"3.0.52\"}";
  CHECK(world.approve()->used_zero_iv);
  CHECK(world.last().find("IV\":") == std::string::npos);
  world.answers["info:brief"] = "{\"version\":\"3.1.0\"}";
  CHECK(world.approve(/*zero_iv=*/true)->used_zero_iv);
}

TEST_CASE("a request without a key for us is not approved", "[activate][manage][hostile]") {
  World world;
  world.answers["enroll:fetch"] = "{\"appName\":\"a\",\"deviceName\":\"d\",\"status\":\"pending\"}";
  CHECK(world.approve().error().code() == Errc::bad_syntax);
  CHECK(world.fake.count("enroll:approve") == 0);
}

TEST_CASE("deny, revoke, unrevoke and delete say how it stands then", "[activate][manage]") {
  World world;
  const auto operation = GENERATE(as<std::string>{}, "deny", "revoke", "unrevoke", "delete");
  world.answers["enroll:" + operation] = "{\"enrollmentId\":\"a\",\"status\":\"so\"}";
  CHECK(world.run(activate::change(*world.connection, operation, "a", false))->status == "so");
  CHECK(world.last() == "enroll:" + operation + ":{\"enrollmentId\":\"a\"}");
  world.answers["enroll:" + operation] = "error:AT0011-Internal server exception : Failed";
  CHECK_FALSE(world.run(activate::change(*world.connection, operation, "a", false)));
}

TEST_CASE("requests are taken as they come in, and nothing else is", "[activate][manage]") {
  World world;
  const auto vector = test::vectors("enrollment.json")["approverNotification"];
  const auto note = [&](std::string key, std::string from) {
    Json json;
    json["id"] = "n";
    json["from"] = from;
    json["to"] = "@alice";
    json["key"] = key;
    json["value"] = vector["value"];
    json["operation"] = "update";
    json["epochMillis"] = 1;
    json["messageType"] = "MessageType.key";
    json["isEncrypted"] = false;
    json["metadata"] = nullptr;
    return "notification: " + json.dump() + "\n";
  };
  const auto key = vector["key"].get<std::string>();
  std::vector<std::string> taken;
  const std::function<asio::awaitable<Result<bool>>()> listening =
      [&]() -> asio::awaitable<Result<bool>> {
    world.fake.push_line(note("@alice:ping.lab.sshnp@bob", "@bob"));
    world.fake.push_line(note(key, "@mallory"));
    world.fake.push_line(note(key, "@alice"));
    world.fake.push_line(note(key, "@alice"));
    co_return true;
  };
  const std::function<asio::awaitable<Result<bool>>(activate::Enrolment)> take =
      [&](activate::Enrolment one) -> asio::awaitable<Result<bool>> {
    taken.push_back(one.id);
    co_return taken.size() < 2;
  };
  // The monitor must be one before anything is pushed to it.
  const std::function<asio::awaitable<Result<bool>>()> ready =
      [&]() -> asio::awaitable<Result<bool>> {
    while (world.fake.monitors() == 0) co_await net::pause(1ms);
    co_return co_await listening();
  };
  REQUIRE(world.run(activate::watch_requests(*world.connection, ready, take)));
  CHECK(taken == std::vector<std::string>{kId, kId});
  CHECK(world.last() == "monitor:selfNotifications .*\\.new\\.enrollments\\.__manage");
}
