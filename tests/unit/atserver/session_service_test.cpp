// SPDX-License-Identifier: BSD-3-Clause
// batch, info, config and the statistics through the session (atprotocol-wire.md 3.17-3.20).
#include <nlohmann/json.hpp>

#include "enrolling.hpp"
#include "noports/atserver/reach.hpp"

using namespace noports;
using nlohmann::json;
using test::World;

namespace {

// The value of one figure.
json figure(World& world, atserver::Session& session, int id) {
  const auto answer = world.say(session, "stats:" + std::to_string(id));
  REQUIRE(answer.starts_with("data: [{"));
  const auto list = json::parse(answer.substr(6, answer.rfind('\n') - 6));
  REQUIRE(list.size() == 1);
  CHECK(list[0].at("id") == std::to_string(id));
  return list[0].at("value");
}

}  // namespace

TEST_CASE("a batch answers each command, byte for byte", "[atserver][batch][vectors]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "batch:[]") == "data:[]\n@alice@");
  CHECK(world.say(alice, R"(batch:[{"id":1,"command":"update:ttl:5:a.demo@alice x~NL~y"},)"
                         R"({"id":2,"command":"update:meta:b.demo@alice:ttl:5"},)"
                         R"({"id":7,"command":"delete:c.demo@alice"}])") ==
        R"(data:[{"id":1,"response":{"data":"0"}},)"
        R"({"id":2,"response":{"error_code":"AT0015","error_message":"key not found"}},)"
        R"({"id":7,"response":{"data":"1"}}])"
        "\n@alice@");
  CHECK(world.value("@alice", "a.demo@alice") == "x~NL~y");
}

TEST_CASE("each change of a batch is told to its recipient", "[atserver][batch]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, R"(batch:[{"id":1,"command":"update:@bob:a.demo@alice 1"},)"
                   R"({"id":2,"command":"update:@bob:b.demo@alice 2"}])");
  CHECK(world.pushed("@bob").size() == 2);
}

TEST_CASE("a batch is for changes of records alone", "[atserver][batch][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  for (const auto* command :
       {"scan", "monitor", "pol", "from:@alice", "cram:00", "noop:5000", "@exit", "", "nonsense",
        "batch:[]", "lookup:a.demo@bob", "enroll:request:{}", "config:block:add:@bob", "stats",
        "notify:@bob:x.demo@alice", "update:a.demo@alice 1\n2", "UPDATE", "llookup:a@alice"}) {
    CAPTURE(command);
    json item;
    item["id"] = 1;
    item["command"] = command;
    CHECK(world.say(alice, "batch:[" + item.dump() + "]") ==
          R"(data:[{"id":1,"response":{"error_code":"AT0003","error_message":"Invalid syntax"}}])"
          "\n@alice@");
  }
  CHECK(alice.is_authenticated());
  CHECK_FALSE(alice.monitor());
  std::string many = "batch:[";
  for (int i = 0; i < 257; ++i) many += R"({"id":1,"command":""},)";
  many.back() = ']';
  CHECK(world.say(alice, many).starts_with("error:AT0022-"));
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, R"(batch:[{"id":1,"command":"update:a.demo@alice 1"}])")
            .starts_with("error:AT0401-"));
}

TEST_CASE("a batch protects what single commands protect", "[atserver][batch][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, R"(batch:[{"id":1,"command":"update:@alice:a.demo@bob 1"},)"
                         R"({"id":2,"command":"update:x.new.enrollments.__manage@alice {}"}])") ==
        R"(data:[{"id":1,"response":{"error_code":"AT0016","error_message":"Invalid key"}},)"
        R"({"id":2,"response":{"error_code":"AT0009","error_message":)"
        R"("UnAuthorized client in request"}}])"
        "\n@alice@");
}

TEST_CASE("an enrolment changes by batch what it may change, and no lists",
          "[atserver][batch][config][hostile]") {
  World world;
  auto owner = test::owner_with_request(world, "e1", R"({"sshnp":"rw"})");
  REQUIRE(world.say(owner, test::approve_line("e1")).starts_with("data:"));
  auto session = world.session("@alice", "_e1");
  world.login(session, "e1");
  const auto answer =
      world.say(session, R"(batch:[{"id":1,"command":"update:a.sshnp@alice 1"},)"
                         R"({"id":2,"command":"update:a.other@alice 1"},)"
                         R"({"id":3,"command":"update:meta:a.other@alice:ttl:1"}])");
  CHECK(answer.find(R"({"id":1,"response":{"data":)") != answer.npos);
  CHECK(answer.find(R"({"id":2,"response":{"error_code":"AT0009")") != answer.npos);
  CHECK(answer.find(R"({"id":3,"response":{"error_code":"AT0009")") != answer.npos);
  CHECK(world.say(session, "config:block:add:@bob").starts_with("error:AT0009-"));
  CHECK(world.say(session, "config:block:show").starts_with("error:AT0009-"));
}

TEST_CASE("info tells everybody how long the server runs", "[atserver][info]") {
  World world;
  auto stranger = world.session("@alice");
  world.vitals.started = world.now - (2 * 86'400 + 3 * 3'600 + 60 + 7) * 1000LL;
  CHECK(
      world.say(stranger, "info") ==
      R"(data:{"version":"0.1.0","enrollmentIvs":true,"uptimeAsWords":"2 days 3 hours 1 minutes 7 seconds"})"
      "\n@");
  CHECK(world.say(stranger, "info:brief") ==
        R"(data:{"version":"0.1.0","enrollmentIvs":true,"uptimeAsMillis":183667000})"
        "\n@");
  world.vitals.started = world.now - 61'999;
  CHECK(world.say(stranger, "info").find("\"1 minutes 1 seconds\"") != std::string::npos);
  world.vitals.started = world.now + 5;
  CHECK(world.say(stranger, "info").find("\"0 seconds\"") != std::string::npos);
}

TEST_CASE("the block list is added to, shown and taken from", "[atserver][config]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "config:block:show") == "data:null\n@alice@");
  CHECK(world.say(alice, "config:block:add:@bob @carol @bob") == "data:success\n@alice@");
  CHECK(world.say(alice, "config:block:show") == "data:[\"@bob\",\"@carol\"]\n@alice@");
  CHECK(world.say(alice, "config:allow:show") == "data:null\n@alice@");
  CHECK(world.say(alice, "config:block:remove:@bob @dave") == "data:success\n@alice@");
  CHECK(world.say(alice, "config:block:show") == "data:[\"@carol\"]\n@alice@");
  CHECK(world.say(alice, "config:block:remove:@carol") == "data:success\n@alice@");
  CHECK(world.say(alice, "config:block:show") == "data:null\n@alice@");
  CHECK(world.say(alice, "config:print:x") == "data:testing mode disabled by default\n@alice@");
  CHECK(world.say(alice, "config:block:add:@alice").starts_with("error:AT0022-"));
  CHECK(world.say(alice, "scan:showHidden:true") == "data:[]\n@alice@");
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, "config:block:show").starts_with("error:AT0401-"));
}

TEST_CASE("whom an atSign blocks is turned away wherever it is known by name",
          "[atserver][config][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:@bob:a.demo@alice 1");
  world.say(alice, "update:public:p.demo@alice 2");
  const auto* list = GENERATE("config:block:add:@bob", "config:allow:add:@carol");
  CAPTURE(list);
  world.say(alice, list);
  auto stranger = world.session("@alice");
  const auto outcome = world.take(stranger, "from:@bob");
  CHECK(outcome.answer == "error:AT0013-Exception: Unable to connect\n@");
  CHECK(outcome.close);
  CHECK(world.say(bob, "lookup:a.demo@alice").starts_with("error:AT0013-"));
  CHECK(world.say(bob, "scan:@alice").starts_with("error:AT0013-"));
  // What is public is public.
  CHECK(world.say(bob, "plookup:p.demo@alice") == "data:2\n@bob@");
  world.uuids = {"note-1"};
  world.say(bob, "notify:@alice:x.demo@bob:v");
  CHECK(world.pushed("@alice").empty());
  CHECK(world.say(bob, "notify:status:note-1") == "data:errored\n@bob@");
  CHECK(world.say(bob, "update:ttr:-1:@alice:y.demo@bob v").starts_with("data:"));
  CHECK_FALSE(world.value("@alice", "cached:@alice:y.demo@bob"));
  // The owner is never kept out, and the other direction stays open.
  CHECK(world.say(stranger, "from:@alice").starts_with("data:_sid@alice:"));
  world.say(alice, "notify:@bob:z.demo@alice:v");
  CHECK_FALSE(world.pushed("@bob").empty());
}

TEST_CASE("an allow list lets in whom it names, unless they are blocked", "[atserver][config]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:@bob:a.demo@alice 1");
  world.say(alice, "config:allow:add:@bob");
  CHECK(world.say(bob, "lookup:a.demo@alice") == "data:1\n@bob@");
  world.say(alice, "config:block:add:@bob");
  CHECK(world.say(bob, "lookup:a.demo@alice").starts_with("error:AT0013-"));
}

TEST_CASE("every figure has its number and its name", "[atserver][stats][vectors]") {
  World world;
  auto alice = world.owner("@alice");
  const auto answer = world.say(alice, "stats");
  const auto all = json::parse(answer.substr(6, answer.rfind('\n') - 6));
  const std::vector<std::string> names = {"activeInboundConnections",
                                          "activeOutboundConnections",
                                          "lastCommitID",
                                          "secondaryStorageSize",
                                          "topAtSigns",
                                          "topKeys",
                                          "secondaryServerVersion",
                                          "LastLoggedInDatetime",
                                          "diskSize",
                                          "LastPkam",
                                          "NotificationCount",
                                          "CommitLogCompactionStats",
                                          "AccessLogCompactionStats",
                                          "NotificationCompactionStats",
                                          "LatestCommitEntryOfEachKey"};
  REQUIRE(all.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(all[i].at("id") == std::to_string(i + 1));
    CHECK(all[i].at("name") == names[i]);
    const bool number = i + 1 == 4, nothing = i + 1 >= 12 && i + 1 <= 14;
    CHECK((number    ? all[i].at("value").is_number_integer()
           : nothing ? all[i].at("value").is_null()
                     : all[i].at("value").is_string()));
  }
  CHECK(world.say(alice, "stats:0") == "error:null:stats: there is no figure 0\n@alice@");
}

TEST_CASE("figures tell of connections, log-ins and sizes", "[atserver][stats]") {
  World world;
  auto alice = world.owner("@alice");
  world.vitals.inbound = 3;
  world.vitals.outbound = 1;
  CHECK(figure(world, alice, 1) == "3");
  CHECK(figure(world, alice, 2) == "1");
  CHECK(figure(world, alice, 8) == "2024-10-01 09:00:00.123Z");
  CHECK(figure(world, alice, 10) == "2024-10-01 09:00:00.123Z");
  world.say(alice, "update:a.demo@alice " + std::string(3'000'000, 'v'));
  CHECK(figure(world, alice, 9) == R"({"size":"2.86","units":"MB"})");
}

TEST_CASE("figures tell who asks, for what", "[atserver][stats]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  CHECK(figure(world, alice, 5) == "{}");
  world.say(alice, "update:@bob:a.demo@alice 1");
  world.say(alice, "update:public:p.demo@alice 1");
  world.say(bob, "lookup:a.demo@alice");
  world.say(bob, "lookup:a.demo@alice");
  auto stranger = world.session("@alice");
  world.say(stranger, "lookup:p.demo@alice");
  world.say(stranger, "lookup:unknown.demo@alice");
  CHECK(figure(world, alice, 5) == R"({"@bob":2})");
  CHECK(figure(world, alice, 6) == R"({"@bob:a.demo@alice":2,"public:p.demo@alice":1})");
  CHECK(figure(world, bob, 6) == "{}");
}

TEST_CASE("notifications are counted by what they are and became", "[atserver][stats]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "notify:@bob:a.demo@alice:v");
  world.say(alice, "notify:delete:@bob:a.demo@alice");
  world.say(alice, "notify:messageType:text:@nobody:hello");
  world.say(bob, "notify:ttln:1:messageType:text:@alice:hello");
  world.now += 10;
  const auto count = json::parse(figure(world, alice, 11).get<std::string>());
  CHECK(count.at("total") == 4);
  CHECK(count.at("type") == json({{"sent", 3}, {"received", 1}, {"self", 0}}));
  CHECK(count.at("status") ==
        json({{"delivered", 2}, {"expired", 1}, {"errored", 1}, {"queued", 0}}));
  CHECK(count.at("operations") == json({{"update", 3}, {"delete", 1}}));
  CHECK(count.at("messageType") == json({{"key", 2}, {"text", 2}}));
  CHECK(count.at("createdOn") == world.now);
}

TEST_CASE("the names that visitors make up are counted within bounds",
          "[atserver][stats][hostile]") {
  atserver::Frequencies frequencies;
  for (int i = 0; i < 100; ++i) frequencies.note("often");
  for (int i = 0; i < 10'000; ++i) frequencies.note("made-up-" + std::to_string(i));
  const auto top = frequencies.top(10'000);
  CHECK(top.size() == atserver::Frequencies::kMost);
  std::uint64_t all = 0;
  for (const auto& one : top) all += one.second;
  CHECK(all == 10'100);
}
