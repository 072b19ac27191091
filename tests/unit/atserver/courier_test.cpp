// SPDX-License-Identifier: BSD-3-Clause
// Notifications from one platform to another, over TLS on loopback (atprotocol-wire.md 4).
#include <nlohmann/json.hpp>

#include "noports/atserver/server_notify.hpp"
#include "two_platforms.hpp"

using namespace noports;
using test::RawClient;
using test::Stranger;
using test::TwoPlatforms;
using namespace std::chrono_literals;

namespace {

nlohmann::json note_in(const std::string& record) {
  constexpr std::string_view kPrefix = "notification: ";
  if (!record.starts_with(kPrefix)) FAIL("not a notification: " + record);
  return nlohmann::json::parse(record.substr(kPrefix.size()));
}

std::string notify(RawClient& alice, const std::string& id, const std::string& options = "",
                   const std::string& to = "@bob") {
  return alice.ask("notify:id:" + id + ":update:ttln:60000" + options + ":" + to +
                   ":request.d.sshnp@alice:" + id);
}

std::string status(RawClient& alice, const std::string& id) {
  const auto answer = alice.ask("notify:status:" + id);
  REQUIRE(answer.starts_with("data:"));
  return answer.substr(5, answer.find('\n') - 5);
}

bool becomes(TwoPlatforms& world, RawClient& alice, const std::string& id,
             const std::string& wanted) {
  return test::eventually(world.loop, [&] { return status(alice, id) == wanted; });
}

std::unique_ptr<RawClient> monitor(TwoPlatforms& world) {
  auto client = world.there->login("bob");
  client->send("monitor\n");
  CHECK(client->ask("noop:0") == "data:ok\n");
  return client;
}

// An atServer that lets @alice in and answers her notifications with `answer`.
std::unique_ptr<Stranger> welcoming(TwoPlatforms& world, const std::string& name,
                                    const std::string& answer) {
  auto stranger = std::make_unique<Stranger>(
      world.loop, world.authority, [answer](const std::string& line) -> std::string {
        if (line.starts_with("from:")) return "data:proof:_12345678-9@alice:7d6c5b4a-3928\n@";
        if (line == "pol") return "@alice@";
        return line.starts_with("notify:") ? answer : "error:AT0015-Exception: nothing\n@";
      });
  world.places.ports[name] = stranger->port();
  return stranger;
}

}  // namespace

// atprotocol-wire.md 8.7
TEST_CASE("the line between atServers is the reference's, byte for byte",
          "[atserver][courier][vectors]") {
  const auto alice = test::atsign("@alice");
  const std::string id = "notify:id:1f3c0a52-7a44-4a06-9f0e-5b8f1c2d3e4f:";
  CHECK(atserver::server_notify(
            id + "update:messageType:key:priority:low:strategy:all:latestN:1:notifier:SYSTEM:"
                 "ttln:60000:isEncrypted:true:ivNonce:IV:@bob:request.mydev.sshnp@alice:CT",
            alice) == id + "update:messageType:key:notifier:SYSTEM:ttln:60000:ttl:0:ttb:0:"
                           "isEncrypted:true:ivNonce:IV:@bob:request.mydev.sshnp@alice:CT");
  const auto line = [&](const std::string& rest) {
    return atserver::server_notify("notify:id:n:" + rest, alice).value_or("nothing");
  };
  // 4.2: what is not forwarded, what is completed.
  CHECK(line("update:messageType:key:ttl:5:ttr:-1:dataSignature:s:isBinary:true:encoding:base64:"
             "@bob:a.b:v") ==
        "notify:id:n:update:messageType:key:notifier:SYSTEM:ttl:5:ttb:0:ttr:-1:ccd:false:"
        "isEncrypted:true:@bob:a.b@alice:v");
  CHECK(line("update:messageType:key:ttr:-1:ccd:true:@bob:a.b@alice") ==
        "notify:id:n:update:messageType:key:notifier:SYSTEM:ttl:0:ttb:0:isEncrypted:true:"
        "@bob:a.b@alice");
  CHECK(line("update:messageType:text:@bob:hello world") ==
        "notify:id:n:update:messageType:text:notifier:SYSTEM:ttl:0:ttb:0:isEncrypted:false:"
        "@bob:hello world");
  CHECK(line("update:messageType:key:isEncrypted:false:@bob:public:phone@alice:v") ==
        "notify:id:n:update:messageType:key:notifier:SYSTEM:ttl:0:ttb:0:isEncrypted:false:"
        "public:phone@alice:v");
  CHECK(line("update:messageType:key:notifier:system:ttr:-1:ccd:true:isEncrypted:false:"
             "@bob:a.b@alice:v") ==
        "notify:id:n:update:messageType:key:notifier:system:ttr:-1:ccd:true:isEncrypted:false:"
        "@bob:a.b@alice:v");
  CHECK(line("delete:messageType:key:notifier:system:isEncrypted:false:@bob:a.b@alice") ==
        "notify:id:n:delete:messageType:key:notifier:system:@bob:a.b@alice");
  CHECK_FALSE(atserver::server_notify("notify:update:@bob:a.b@alice:v", alice));
  CHECK_FALSE(atserver::server_notify("scan", alice));
  CHECK_FALSE(atserver::server_notify("", alice));
}

TEST_CASE("a notification to another platform is queued, then delivered", "[atserver][courier]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  const auto bob = monitor(world);
  CHECK(notify(*alice, "n1", ":isEncrypted:true:ivNonce:IV") == "data:n1\n@alice@");
  const auto note = note_in(bob->read());
  CHECK(note["id"] == "n1");
  CHECK(note["from"] == "@alice");
  CHECK(note["to"] == "@bob");
  CHECK(note["key"] == "@bob:request.d.sshnp@alice");
  CHECK(note["value"] == "n1");
  CHECK(note["isEncrypted"] == true);
  CHECK(note["metadata"]["ivNonce"] == "IV");
  CHECK(becomes(world, *alice, "n1", "delivered"));
  CHECK(alice->ask("notify:fetch:n1").find("NotificationStatus.delivered") != std::string::npos);
  // What is written for another is told, and cached as its owner allows.
  CHECK(alice->ask("update:ttr:-1:@bob:phone.demo@alice 1").starts_with("data:"));
  CHECK(note_in(bob->read())["key"] == "@bob:phone.demo@alice");
  const auto reader = world.there->login("bob");
  CHECK(reader->ask("llookup:cached:@bob:phone.demo@alice") == "data:1\n@bob@");
}

TEST_CASE("what a platform that is away missed is delivered in order, once",
          "[atserver][courier]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  world.there->stop();
  for (int i = 0; i < 20; ++i)
    REQUIRE(notify(*alice, "n" + std::to_string(i)).starts_with("data:"));
  CHECK(status(*alice, "n0") == "queued");
  CHECK(status(*alice, "n19") == "queued");
  world.there->start();
  CHECK(becomes(world, *alice, "n19", "delivered"));
  const auto bob = world.there->login("bob");
  bob->send("monitor:0\n");
  for (int i = 0; i < 20; ++i) CHECK(note_in(bob->read())["id"] == "n" + std::to_string(i));
  CHECK(bob->ask("noop:0") == "data:ok\n");
  CHECK(notify(*alice, "after").starts_with("data:"));
  CHECK(note_in(bob->read())["id"] == "after");
}

TEST_CASE("what is queued survives the end of its sender's platform", "[atserver][courier]") {
  TwoPlatforms world;
  world.there->stop();
  {
    const auto alice = world.here->login("alice");
    for (const auto* id : {"a", "b", "c"}) REQUIRE(notify(*alice, id).starts_with("data:"));
  }
  world.here->stop();
  world.here->start();
  const auto alice = world.here->login("alice");
  CHECK(status(*alice, "a") == "queued");
  world.there->start();
  CHECK(becomes(world, *alice, "c", "delivered"));
  const auto list = world.there->login("bob")->ask("notify:list");
  const auto at = [&](const char* id) { return list.find("\"id\":\"" + std::string(id) + "\""); };
  CHECK(at("a") < at("b"));
  CHECK(at("b") < at("c"));
  CHECK(at("c") != list.npos);
}

TEST_CASE("what has expired is not sent any more", "[atserver][courier]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  world.there->stop();
  CHECK(alice->ask("notify:id:short:update:ttln:1:@bob:x.y@alice:v") == "data:short\n@alice@");
  CHECK(notify(*alice, "long").starts_with("data:"));
  CHECK(becomes(world, *alice, "short", "expired"));
  world.there->start();
  CHECK(becomes(world, *alice, "long", "delivered"));
  const auto list = world.there->login("bob")->ask("notify:list");
  CHECK(list.find("\"long\"") != list.npos);
  CHECK(list.find("\"short\"") == list.npos);
}

TEST_CASE("what nobody can take is errored, whoever sends it next is not kept waiting",
          "[atserver][courier]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  CHECK(notify(*alice, "n1", "", "@nobody") == "data:n1\n@alice@");
  CHECK(becomes(world, *alice, "n1", "errored"));
  CHECK(notify(*alice, "n2").starts_with("data:"));
  CHECK(becomes(world, *alice, "n2", "delivered"));
}

TEST_CASE("whoever is blocked by the recipient is not queued for it", "[atserver][courier]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice"), bob = world.there->login("bob");
  CHECK(notify(*alice, "n1").starts_with("data:"));
  CHECK(becomes(world, *alice, "n1", "delivered"));
  bob->ask("config:block:add:@alice");
  // On the connection that is there, and on a new one.
  CHECK(notify(*alice, "n2").starts_with("data:"));
  CHECK(becomes(world, *alice, "n2", "errored"));
  CHECK(notify(*alice, "n3").starts_with("data:"));
  CHECK(becomes(world, *alice, "n3", "errored"));
  bob->ask("config:block:remove:@alice");
  CHECK(notify(*alice, "n4").starts_with("data:"));
  CHECK(becomes(world, *alice, "n4", "delivered"));
}

TEST_CASE("of a notifier whose latest alone counts, the latest alone is sent",
          "[atserver][courier]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  world.there->stop();
  const std::string latest = ":strategy:latest:latestN:2:notifier:thermometer";
  const auto send = [&](const std::string& id, const std::string& options) {
    CHECK(alice->ask("notify:id:" + id + ":update" + options +
                     ":ttln:60000:@bob:t.lab@alice:" + id) == "data:" + id + "\n@alice@");
  };
  send("t1", latest);
  send("other", "");
  send("t2", latest);
  send("t3", latest);
  CHECK(status(*alice, "t1") == "errored");
  world.there->start();
  CHECK(becomes(world, *alice, "t3", "delivered"));
  CHECK(status(*alice, "t2") == "delivered");
  CHECK(status(*alice, "other") == "delivered");
  const auto list = world.there->login("bob")->ask("notify:list");
  CHECK(list.find("\"t1\"") == list.npos);
}

TEST_CASE("what a recipient refuses for good is errored, and the next one follows",
          "[atserver][courier]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  const auto carol = welcoming(world, "@carol", "error:AT0009-Exception: not that\n@");
  CHECK(notify(*alice, "n1", "", "@carol").starts_with("data:"));
  CHECK(becomes(world, *alice, "n1", "errored"));
  CHECK(notify(*alice, "n2", "", "@carol").starts_with("data:"));
  CHECK(becomes(world, *alice, "n2", "errored"));
}

TEST_CASE("a recipient that stalls or talks nonsense delays no other",
          "[atserver][courier][hostile]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  const auto stalls = welcoming(world, "@stalls", "");
  const auto nonsense = welcoming(world, "@nonsense", std::string(20'000, 'x') + "\n@");
  const auto deaf = std::make_unique<Stranger>(world.loop, world.authority,
                                               [](const std::string&) { return std::string(); });
  world.places.ports["@deaf"] = deaf->port();
  for (const auto* to : {"@stalls", "@nonsense", "@deaf"}) {
    CHECK(notify(*alice, std::string("to-") + (to + 1), "", to).starts_with("data:"));
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK(notify(*alice, "n1").starts_with("data:"));
  CHECK(becomes(world, *alice, "n1", "delivered"));
  CHECK(std::chrono::steady_clock::now() - start < 3s);
  // What was refused in a way that may pass is tried again, and counted.
  CHECK(test::eventually(world.loop, [&] {
    return alice->ask("notify:fetch:to-nonsense").find("\"retryCount\":\"1\"") == std::string::npos;
  }));
  CHECK(status(*alice, "to-nonsense") == "queued");
  CHECK(status(*alice, "to-stalls") == "queued");
}

// atprotocol-wire.md 3.14
TEST_CASE("monitors are told the last commit id, after commits and from time to time",
          "[atserver][statistics]") {
  atserver::Limits limits;
  limits.statistics = 30'000'000ms;
  test::Running world(limits);
  world.activate("alice");
  const auto alice = world.login("alice"), monitor = world.login("alice");
  monitor->send("monitor nothing_matches\n");
  CHECK(monitor->ask("noop:0") == "data:ok\n");
  const auto id = alice->ask("update:x.demo@alice 1");
  const auto note = note_in(monitor->read_any());
  CHECK(note["id"] == "-1");
  CHECK(note["from"] == "@alice");
  CHECK(note["to"] == "@alice");
  CHECK(note["key"] == "statsNotification.@alice");
  CHECK("data:" + note["value"].get<std::string>() + "\n@alice@" == id);
  CHECK(note["operation"] == "update");
  CHECK(note["messageType"] == "MessageType.key");
  CHECK(note["isEncrypted"] == false);
  CHECK(note["metadata"].is_null());
  // What is not in the commit log is not told of.
  CHECK(alice->ask("update:privatekey:at_pkam_publickey " + test::vector_of("k1Public")) ==
        "data:-1\n@alice@");
  CHECK(monitor->ask("noop:0") == "data:ok\n");

  limits.statistics = 15ms;
  test::Running often(limits);
  often.activate("alice");
  const auto idle = often.login("alice");
  idle->send("monitor\n");
  CHECK(note_in(idle->read_any())["value"] == "0");
  CHECK(note_in(idle->read_any())["value"] == "0");
}
