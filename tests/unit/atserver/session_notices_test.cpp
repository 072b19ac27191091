// SPDX-License-Identifier: BSD-3-Clause
// Questions about notifications through the session (atprotocol-wire.md 3.13).
#include <nlohmann/json.hpp>

#include "world.hpp"

using namespace noports;
using test::World;

namespace {

nlohmann::ordered_json data_of(const std::string& answer) {
  const auto start = answer.find(':') + 1;
  return nlohmann::ordered_json::parse(answer.substr(start, answer.find('\n') - start));
}

}  // namespace

TEST_CASE("notify:fetch tells everything in texts, byte for byte", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice,
            "notify:id:n1:update:messageType:key:priority:high:strategy:all:latestN:1:notifier:"
            "SYSTEM:ttln:60000:isEncrypted:true:ivNonce:I:@bob:request.mydev.sshnp@alice:c");
  CHECK(
      world.say(alice, "notify:fetch:n1") ==
      R"(data:{"id":"n1","fromAtSign":"@alice","notificationDateTime":"2024-10-01 09:00:00.123Z",)"
      R"("toAtSign":"@bob","notification":"@bob:request.mydev.sshnp@alice",)"
      R"("type":"NotificationType.sent","opType":"OperationType.update",)"
      R"("messageType":"MessageType.key","priority":"NotificationPriority.high",)"
      R"("notificationStatus":"NotificationStatus.delivered","retryCount":"1","strategy":"all",)"
      R"("depth":"1","notifier":"SYSTEM","expiresAt":"2024-10-01 09:01:00.123Z","atValue":"c",)"
      R"("atMetadata":"{createdBy: @alice, isEncrypted: true, ivNonce: I}","ttl":"60000"})"
      "\n@alice@");
  CHECK(world.say(alice, "notify:fetch:unknown") ==
        R"(data:{"id":"unknown","notificationStatus":"NotificationStatus.expired"})"
        "\n@alice@");
}

TEST_CASE("notify:fetch knows what was received, what was sent to oneself, and what is over",
          "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "notify:id:n1:delete:ttln:1000:@bob:x.y@alice");
  const auto received = data_of(world.say(bob, "notify:fetch:n1"));
  CHECK(received["type"] == "NotificationType.received");
  CHECK(received["fromAtSign"] == "@alice");
  CHECK(received["toAtSign"] == "@bob");
  CHECK(received["opType"] == "OperationType.delete");
  CHECK(received["atValue"] == "null");
  CHECK(received["ttl"] == "null");
  world.say(alice, "notify:id:me:messageType:text:@alice:hello");
  const auto own = data_of(world.say(alice, "notify:fetch:me"));
  CHECK(own["type"] == "NotificationType.received");
  CHECK(own["messageType"] == "MessageType.text");
  CHECK(own["notification"] == "@alice:hello");
  CHECK(own["atMetadata"] == "{createdBy: @alice, isEncrypted: false}");
  world.now += 1000;
  CHECK(data_of(world.say(bob, "notify:fetch:n1"))["notificationStatus"] ==
        "NotificationStatus.expired");
}

TEST_CASE("notify:list shows what was received, by days and by key", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  CHECK(world.say(bob, "notify:list") == "data:null\n@bob@");
  world.say(alice, "notify:id:n1:ttln:2592000000:@bob:a.sshnp@alice:1");
  world.now += 24LL * 3600 * 1000;
  world.say(alice, "notify:id:n2:ttln:2592000000:@bob:b.demo@alice:2");
  const auto ids = [&](const std::string& line) {
    std::string text;
    const auto answer = world.say(bob, line);
    if (answer == "data:null\n@bob@") return text;
    for (const auto& note : data_of(answer)) text += note["id"].get<std::string>() + " ";
    return text;
  };
  CHECK(ids("notify:list") == "n1 n2 ");
  CHECK(ids("notify:list:2024-10-01") == "n1 n2 ");
  CHECK(ids("notify:list:2024-10-02") == "n2 ");
  CHECK(ids("notify:list:2024-10-03").empty());
  CHECK(ids("notify:list:2024-09-30:2024-10-01") == "n1 ");
  CHECK(ids("notify:list:2024-10-01:2024-10-02:demo@") == "n2 ");
  CHECK(ids("notify:list:sshnp") == "n1 ");
  // What was sent is not what was received.
  CHECK(world.say(alice, "notify:list") == "data:null\n@alice@");
  // In the shape of a push.
  const auto answer = world.say(bob, "notify:list:sshnp");
  const auto pushed = world.pushed("@bob").at(0);
  CHECK(answer == "data:[" + pushed.substr(14, pushed.size() - 15) + "]\n@bob@");
  world.say(bob, "notify:remove:n1");
  CHECK(ids("notify:list") == "n2 ");
  world.now += 31LL * 24 * 3600 * 1000;
  CHECK(ids("notify:list").empty());
}

TEST_CASE("notify:list refuses days out of order and bad expressions",
          "[atserver][notify][hostile]") {
  World world;
  auto bob = world.owner("@bob");
  CHECK(world.say(bob, "notify:list:2024-10-02:2024-10-01")
            .starts_with("error:AT0022-Illegal arguments : "));
  CHECK(world.say(bob, "notify:list:(").starts_with("error:AT0003-Invalid syntax : "));
}

TEST_CASE("notify:list keeps its answer within what clients take", "[atserver][notify][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  const std::string value(4'000'000, 'v');
  for (int i = 0; i < 4; ++i) world.say(alice, "notify:@bob:x.y@alice:" + value);
  const auto answer = world.say(bob, "notify:list");
  CHECK(answer.size() < 10'240'000);
  CHECK(data_of(answer).size() == 2);
}

TEST_CASE("notify:all reaches each recipient under an id of its own", "[atserver][notify]") {
  World world;
  auto alice = world.owner("@alice");
  world.uuids = {"0b6c9a52-7a44-4a06-9f0e-5b8f1c2d3e4f"};
  // The blank behind "data:" is the reference's.
  CHECK(world.say(alice, "notify:all:ttr:-1:ccd:true:@bob,@alice:x.y@alice:v") ==
        R"(data: {"@bob":"0b6c9a52-7a44-4a06-9f0e-5b8f1c2d3e4f",)"
        R"("@alice":"0b6c9a52-7a44-4a06-9f0e-5b8f1c2d3e4f-2"})"
        "\n@alice@");
  CHECK(world.pushed("@bob").size() == 1);
  CHECK(world.pushed("@alice").size() == 1);
  CHECK(world.value("@bob", "cached:@bob:x.y@alice") == "v");
  CHECK(world.say(alice, "notify:status:0b6c9a52-7a44-4a06-9f0e-5b8f1c2d3e4f") ==
        "data:delivered\n@alice@");
}

// atprotocol-wire.md 11.1, 4
TEST_CASE("nobody sends notify:all in the owner's name but the owner",
          "[atserver][notify][hostile]") {
  World world;
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, "notify:all:@bob:x.y@alice:v") ==
        "error:AT0401-Exception: Notify command cannot be executed without authentication\n@");
  CHECK(world.arrived.empty());
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "notify:all:@bob:x.y@carol:v").starts_with("error:AT0009-"));
  CHECK(world.arrived.empty());
}

// atprotocol-wire.md 11.1, 5
TEST_CASE("nobody but the owner asks what became of notifications", "[atserver][notify][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "notify:id:n1:@bob:x.y@alice:v");
  auto stranger = world.session("@alice");
  for (const auto* line : {"notify:status:n1", "notify:fetch:n1", "notify:remove:n1"}) {
    CAPTURE(line);
    CHECK(world.say(stranger, line) ==
          "error:AT0401-Exception: Command cannot be executed without auth\n@");
  }
  // The reference's answer, which says nothing (3.13).
  CHECK(world.say(stranger, "notify:list") == "data:null\n@");
}

TEST_CASE("one line of notify:all is no flood", "[atserver][notify][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  std::string line = "notify:all:@bob";
  for (int i = 0; i < 100; ++i) line += ",@b" + std::to_string(i);
  CHECK(world.say(alice, line + ":x.y@alice:v").starts_with("error:AT0022-Illegal arguments : "));
  const std::string value(6'000'000, 'v');
  CHECK(world.say(alice, "notify:all:@bob,@alice:x.y@alice:" + value)
            .starts_with("error:AT0022-Illegal arguments : "));
  CHECK(world.arrived.empty());
}
