// SPDX-License-Identifier: BSD-3-Clause
// Notifications through the session.
#include <nlohmann/json.hpp>

#include "world.hpp"

using namespace noports;
using test::World;

namespace {

nlohmann::json json_of(const std::string& line) {
  constexpr std::string_view kPrefix = "notification: ";
  REQUIRE(line.starts_with(kPrefix));
  REQUIRE(line.back() == '\n');
  return nlohmann::json::parse(line.substr(kPrefix.size()));
}

}  // namespace

TEST_CASE("a notification without an id gets one", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  world.uuids = {"0b6c9a52-7a44-4a06-9f0e-5b8f1c2d3e4f"};
  // The C client reads this answer into 64 bytes (client-expectations.md 2.1, 5).
  const auto answer = world.say(alice, "notify:update:@bob:x.y@alice:v");
  CHECK(answer == "data:0b6c9a52-7a44-4a06-9f0e-5b8f1c2d3e4f\n@alice@");
  CHECK(answer.size() <= 64);
}

TEST_CASE("a repeated id is acknowledged and shown once", "[atserver][notify][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "notify:id:n1:update:@bob:x.y@alice:v") == "data:n1\n@alice@");
  CHECK(world.say(alice, "notify:id:n1:update:@bob:x.y@alice:other") == "data:n1\n@alice@");
  CHECK(world.pushed("@bob").size() == 1);
}

TEST_CASE("nobody takes another's id away", "[atserver][notify][hostile]") {
  World world;
  REQUIRE(world.store->add(test::atsign("@mallory"), crypto::Secret(std::string_view("s")), 0));
  auto alice = world.owner("@alice");
  auto mallory = world.owner("@mallory");
  world.say(mallory, "notify:id:n1:@bob:x.y@mallory:evil");
  world.say(alice, "notify:id:n1:@bob:x.y@alice:good");
  const auto pushed = world.pushed("@bob");
  REQUIRE(pushed.size() == 2);
  CHECK(json_of(pushed[1])["from"] == "@alice");
}

TEST_CASE("the sender is who logged in", "[atserver][notify][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "notify:update:@bob:x.y@carol:v") ==
        "error:AT0009-UnAuthorized client in request : @carol is not authorized to send "
        "notification as @alice\n@alice@");
  CHECK(world.pushed("@bob").empty());
  world.say(alice, "notify:update:@bob:x.y:v");
  const auto note = json_of(world.pushed("@bob").at(0));
  CHECK(note["from"] == "@alice");
  CHECK(note["key"] == "@bob:x.y@alice");
}

TEST_CASE("isEncrypted is true unless the sender, the type or the key says otherwise",
          "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  const auto encrypted = [&](const std::string& line) {
    world.say(alice, line);
    return json_of(world.pushed("@bob").back())["isEncrypted"].get<bool>();
  };
  CHECK(encrypted("notify:@bob:x.y@alice:v"));
  CHECK(encrypted("notify:isEncrypted:true:@bob:x.y@alice:v"));
  CHECK_FALSE(encrypted("notify:isEncrypted:false:@bob:x.y@alice:v"));
  CHECK_FALSE(encrypted("notify:messageType:text:@bob:hello there"));
  CHECK(encrypted("notify:messageType:text:isEncrypted:true:@bob:aGVsbG8="));
  CHECK_FALSE(encrypted("notify:@bob:public:phone.demo@alice:v"));
}

TEST_CASE("texts, values and operations reach the recipient", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "notify:messageType:text:@bob:hello there");
  auto note = json_of(world.pushed("@bob").back());
  CHECK(note["key"] == "@bob:hello there");
  CHECK(note["value"].is_null());
  CHECK(note["messageType"] == "MessageType.text");
  world.say(alice, "notify:delete:@bob:x.y@alice");
  note = json_of(world.pushed("@bob").back());
  CHECK(note["operation"] == "delete");
  CHECK(note["value"].is_null());
  world.say(alice, "notify:sharedKeyEnc:E:pubKeyCS:C:ivNonce:I:@bob:x.y@alice:a:b c@d");
  note = json_of(world.pushed("@bob").back());
  CHECK(note["value"] == "a:b c@d");
  CHECK(note["metadata"]["sharedKeyEnc"] == "E");
  CHECK(note["metadata"]["ivNonce"] == "I");
  CHECK(note["epochMillis"].is_number_integer());
}

TEST_CASE("to oneself it is received, not sent anywhere", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "notify:id:me:@alice:x.y@alice:v") == "data:me\n@alice@");
  REQUIRE(world.pushed("@alice").size() == 1);
  CHECK(world.say(alice, "notify:status:me") == "data:delivered\n@alice@");
}

TEST_CASE("the status tells what became of it", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "notify:id:a:ttln:1000:@bob:x.y@alice:v");
  world.say(alice, "notify:id:b:@nobody:x.y@alice:v");
  CHECK(world.say(alice, "notify:status:a") == "data:delivered\n@alice@");
  CHECK(world.say(alice, "notify:status:b") == "data:errored\n@alice@");
  CHECK(world.say(alice, "notify:status:c") == "data:null\n@alice@");
  world.now += 1000;
  CHECK(world.say(alice, "notify:status:a") == "data:expired\n@alice@");
}

TEST_CASE("notifications live as long as ttln says, at most 30 days", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  const auto stored = [&](std::int64_t after) {
    atserver::Database::Scope scope(world.store->database());
    const auto bob = world.store->accounts.find(test::atsign("@bob"))->id;
    return world.store->notifications.after(bob, 0, world.now + after, 100).size();
  };
  world.say(alice, "notify:ttln:60000:@bob:x.y@alice:v");
  CHECK(stored(59'999) == 1);
  CHECK(stored(60'000) == 0);
  world.say(alice, "notify:@bob:x.y@alice:v");
  CHECK(stored(15 * 60'000 - 1) == 1);
  CHECK(stored(15 * 60'000) == 0);
  world.say(alice, "notify:ttln:9007199254740991:@bob:x.y@alice:v");
  CHECK(stored(30LL * 24 * 3600 * 1000 - 1) == 1);
  CHECK(stored(30LL * 24 * 3600 * 1000) == 0);
}

TEST_CASE("writing a shared record tells its recipient", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:isEncrypted:true:ivNonce:I:@bob:phone.demo@alice c1pher");
  auto note = json_of(world.pushed("@bob").at(0));
  CHECK(note["key"] == "@bob:phone.demo@alice");
  CHECK(note["value"] == "c1pher");
  CHECK(note["isEncrypted"] == true);
  CHECK(note["metadata"]["ivNonce"] == "I");
  world.say(alice, "delete:@bob:phone.demo@alice");
  note = json_of(world.pushed("@bob").at(1));
  CHECK(note["operation"] == "delete");
  world.say(alice, "update:own.demo@alice 1");
  world.say(alice, "update:public:open.demo@alice 1");
  world.say(alice, "update:@alice:mine.demo@alice 1");
  CHECK(world.arrived.size() == 2);
}

TEST_CASE("notify keeps the recipient's copy", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "notify:ttr:-1:ccd:true:@bob:x.y@alice:v1");
  CHECK(world.value("@bob", "cached:@bob:x.y@alice") == "v1");
  world.say(alice, "notify:delete:@bob:x.y@alice");
  CHECK_FALSE(world.value("@bob", "cached:@bob:x.y@alice"));
  world.say(alice, "notify:@bob:x.y@alice:v1");
  CHECK_FALSE(world.value("@bob", "cached:@bob:x.y@alice"));
}

TEST_CASE("a removed notification is not shown again", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "notify:id:n1:@bob:x.y@alice:v");
  CHECK(world.say(bob, "notify:remove:n1") == "data:success\n@bob@");
  CHECK(world.say(bob, "notify:remove:unknown") == "data:success\n@bob@");
  atserver::Database::Scope scope(world.store->database());
  const auto id = world.store->accounts.find(test::atsign("@bob"))->id;
  CHECK(world.store->notifications.after(id, 0, world.now, 9).empty());
}

TEST_CASE("a monitor sees what its expression finds in key or sender", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "notify:@bob:heartbeat.dev1.sshnp@alice:v");
  const auto wants = [&](const std::string& line) {
    auto bob = world.owner("@bob");
    REQUIRE(world.take(bob, line).monitor);
    return bob.monitor()->wants(world.arrived.at(0));
  };
  CHECK(wants("monitor"));
  CHECK(wants("monitor .*"));
  CHECK(wants("monitor dev1.sshnp@"));
  CHECK_FALSE(wants("monitor dev2.sshnp@"));
  CHECK(wants("monitor ^alice$"));
  CHECK(wants("monitor:selfNotifications"));
  CHECK(wants("monitor:0 .dev1.sshnp"));
  CHECK(wants("monitor:0 @bob:heartbeat"));
}

TEST_CASE("what notify cannot mean is refused", "[atserver][notify][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "notify:strategy:latest:@bob:x.y@alice:v") ==
        "error:AT0003-Invalid syntax : For Strategy latest, notifier cannot be null\n@alice@");
  CHECK(world.say(alice, "notify:id:" + std::string(200, 'a') + ":@bob:x.y@alice:v")
            .starts_with("error:AT0022-"));
  for (const auto* line : {"notify:", "notify:@bob", "notify:@bob:", "notify:public:x@alice:v",
                           "notify:id:a b:@bob:x@alice:v", "notify:ttln:-1:@bob:x@alice:v"}) {
    CAPTURE(line);
    CHECK(world.say(alice, line).starts_with("error:AT0003-"));
  }
  CHECK(world.arrived.empty());
}
