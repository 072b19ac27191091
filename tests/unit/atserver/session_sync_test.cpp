// SPDX-License-Identifier: BSD-3-Clause
// The commit log through the session: sync and stats (atprotocol-wire.md 3.16, 3.17, 6.6).
#include <nlohmann/json.hpp>

#include "world.hpp"

using namespace noports;
using test::World;

namespace {

nlohmann::json synced(World& world, atserver::Session& session, const std::string& command) {
  const auto answer = world.say(session, command);
  REQUIRE(answer.starts_with("data:["));
  REQUIRE(answer.ends_with("]\n@alice@"));
  return nlohmann::json::parse(answer.substr(5, answer.rfind('\n') - 5));
}

std::vector<std::string> keys(const nlohmann::json& page) {
  std::vector<std::string> keys;
  for (const auto& entry : page) keys.push_back(entry.at("atKey"));
  return keys;
}

}  // namespace

TEST_CASE("sync answers the latest change of each key in commit order", "[atserver][sync]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:ttl:60000:isEncrypted:true:a.demo@alice 1");
  world.say(alice, "update:b.demo@alice 2");
  world.now += 10;
  world.say(alice, "update:isEncrypted:true:a.demo@alice 3");
  world.say(alice, "delete:b.demo@alice");
  CHECK(world.say(alice, "sync:from:-1:limit:10") ==
        R"(data:[{"atKey":"a.demo@alice","value":"3","metadata":{"createdBy":"@alice",)"
        R"("updatedBy":"@alice","createdAt":"2024-10-01 09:00:00.123Z",)"
        R"("updatedAt":"2024-10-01 09:00:00.133Z","expiresAt":"2024-10-01 09:01:00.133Z",)"
        R"("status":"active","version":"1","ttl":"60000","isBinary":"false",)"
        R"("isEncrypted":"true"},"commitId":2,"operation":"*"},)"
        R"({"atKey":"b.demo@alice","value":null,"metadata":null,"commitId":3,"operation":"-"}])"
        "\n@alice@");
  CHECK(keys(synced(world, alice, "sync:from:2:limit:10")) ==
        std::vector<std::string>{"b.demo@alice"});
  CHECK(world.say(alice, "sync:from:3:limit:10") == "data:[]\n@alice@");
}

TEST_CASE("a page of sync has 25 entries whatever limit was said", "[atserver][sync]") {
  World world;
  auto alice = world.owner("@alice");
  for (int n = 0; n < 30; ++n) world.say(alice, "update:k" + std::to_string(n) + ".x@alice v");
  const auto page = synced(world, alice, "sync:from:-1:limit:3");
  REQUIRE(page.size() == 25);
  CHECK(page.back().at("commitId") == 24);
  CHECK(synced(world, alice, "sync:from:24:limit:100").size() == 5);
}

TEST_CASE("a page of sync ends before it grows too long, yet has one entry", "[atserver][sync]") {
  World world;
  auto alice = world.owner("@alice");
  const std::string big(3'000'000, 'v');
  world.say(alice, "update:a.x@alice " + big + big);
  world.say(alice, "update:b.x@alice " + big);
  world.say(alice, "update:c.x@alice " + big);
  CHECK(keys(synced(world, alice, "sync:from:-1:limit:9")) ==
        std::vector<std::string>{"a.x@alice"});
  CHECK(keys(synced(world, alice, "sync:from:0:limit:9")) == std::vector<std::string>{"b.x@alice"});
}

TEST_CASE("a filter of sync looks beyond its first page and spares the keys all clients need",
          "[atserver][sync]") {
  World world;
  auto alice = world.owner("@alice");
  for (int n = 0; n < 300; ++n) world.say(alice, "update:k" + std::to_string(n) + ".x@alice v");
  for (const auto* key : {"wanted.demo@alice", "@bob:shared_key@alice", "shared_key.bob@alice",
                          "public:publickey@alice", "public:phone@alice", "public:phone.x@alice"}) {
    world.say(alice, "update:" + std::string(key) + " v");
  }
  const auto page = synced(world, alice, R"(sync:from:-1:limit:9:\.demo@|a:b)");
  CHECK(keys(page) == std::vector<std::string>{"wanted.demo@alice", "@bob:shared_key@alice",
                                               "shared_key.bob@alice", "public:publickey@alice",
                                               "public:phone@alice"});
}

TEST_CASE("secrets are not synced, nor counted", "[atserver][sync][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  world.put("@alice", "@alice:signing_privatekey@alice", "secret");
  world.put("@alice", "private:spp.__otp@alice", "secret");
  CHECK(world.say(alice, "sync:from:-1:limit:9") == "data:[]\n@alice@");
  CHECK(world.say(alice, "stats:15").find("secret") == std::string::npos);
  CHECK(world.say(alice, "stats:15").find("signing_privatekey") == std::string::npos);
}

TEST_CASE("statistics have the blanks that clients expect", "[atserver][sync]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "stats:3") == R"(data: [{"id":"3","name":"lastCommitID","value":"null"}])"
                                       "\n@alice@");
  world.say(alice, "update:a.demo@alice 1");
  world.say(alice, "update:b.other@alice 1");
  CHECK(world.say(alice, "stats:3,15") ==
        R"(data: [{"id":"3","name":"lastCommitID","value":"1"}, )"
        R"({"id":"15","name":"LatestCommitEntryOfEachKey",)"
        R"("value":"{\"a.demo@alice\":[0,\"*\"],\"b.other@alice\":[1,\"*\"]}"}])"
        "\n@alice@");
  CHECK(world.say(alice, R"(stats:3:\.demo@)") ==
        R"(data: [{"id":"3","name":"lastCommitID","value":"0"}])"
        "\n@alice@");
}

TEST_CASE("strangers and bad expressions get nothing of the commit log",
          "[atserver][sync][hostile]") {
  World world;
  auto stranger = world.session("@alice");
  auto alice = world.owner("@alice");
  const auto command = GENERATE(as<std::string>{}, "sync:from:-1:limit:10", "stats:3");
  CHECK(world.say(stranger, command) ==
        "error:AT0401-Exception: Command cannot be executed without auth\n@");
  const auto answer = world.say(alice, command + ":(");
  CHECK(answer.starts_with("error:AT0003-Invalid syntax : Invalid regular expression. ( is not"));
}
