// SPDX-License-Identifier: BSD-3-Clause
// Questions between atServers of two platforms, over TLS on loopback (atprotocol-wire.md 3.5-3.9).
#include <nlohmann/json.hpp>

#include "two_platforms.hpp"

using namespace noports;
using test::Stranger;
using test::TwoPlatforms;
using namespace std::chrono_literals;

namespace {

constexpr const char* kStalls = "";

std::chrono::milliseconds time_of(const std::function<void()>& what) {
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

}  // namespace

TEST_CASE("what an atSign of another platform shares is read, listed and looked up",
          "[atserver][elsewhere]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice"), bob = world.there->login("bob");
  REQUIRE(bob->ask("update:isEncrypted:true:ivNonce:IV:@alice:phone.demo@bob 123")
              .starts_with("data:"));
  REQUIRE(bob->ask("update:public:city.demo@bob Ulm").starts_with("data:"));
  CHECK(alice->ask("lookup:phone.demo@bob") == "data:123\n@alice@");
  const auto all = alice->ask("lookup:all:phone.demo@bob");
  CHECK(all.starts_with(
      R"(data:{"data":"123","metaData":{"createdBy":"@bob","updatedBy":"@bob","createdAt":")"));
  CHECK(all.ends_with(R"("version":0,"isBinary":false,"isEncrypted":true,"ivNonce":"IV"},)"
                      R"("key":"@alice:phone.demo@bob"})"
                      "\n@alice@"));
  CHECK(alice->ask("plookup:publickey@bob") == "data:" + test::vector_of("k1Public") + "\n@alice@");
  CHECK(alice->ask("plookup:city.demo@bob") == "data:Ulm\n@alice@");
  CHECK(alice->ask("scan:@bob") == "data:[\"phone.demo@bob\"]\n@alice@");
  CHECK(alice->ask("scan:@bob ^@alice:phone") == "data:[\"phone.demo@bob\"]\n@alice@");
  CHECK(alice->ask("scan:@bob nothing") == "data:[]\n@alice@");
  CHECK(alice->ask("lookup:nokey.demo@bob") ==
        "error:AT0015-key not found : Exception: @alice:nokey.demo@bob does not exist in "
        "keystore\n@alice@");
  CHECK(alice->ask("plookup:nokey.demo@bob") ==
        "error:AT0015-key not found : Exception: public:nokey.demo@bob does not exist in "
        "keystore\n@alice@");
  CHECK(alice->ask("lookup:phone.demo@nobody") ==
        "error:AT0007-Secondary server not found : Exception: Unable to find secondary address "
        "for atSign:nobody\n@alice@");
}

// atprotocol-wire.md 8.5 and 8.6, A to B: an atServer that is not ours hears what it expects.
TEST_CASE("another atServer is asked as the reference asks it", "[atserver][elsewhere][vectors]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  Stranger carol(world.loop, world.authority, [](const std::string& line) -> std::string {
    if (line.starts_with("from:")) {
      return "data:proof:_9b2f1d70-53c4-4e8f-b1a6-7c8d9e0f1a2b@alice:7d6c5b4a-3928\n@";
    }
    if (line == "pol") return "@alice@";
    if (line == "scan") return "data:[\"phone.demo@carol\"]\n@alice@";
    if (line == "lookup:all:phone.demo@carol") {
      return R"(data:{"key":"@alice:phone.demo@carol","data":"CT","metaData":{"createdAt":)"
             R"("2024-10-01 09:00:00.000Z","updatedAt":"2024-10-01 09:00:00.000Z","version":0,)"
             R"("isEncrypted":true}})"
             "\n@alice@";
    }
    return "error:AT0015-Exception: nothing\n@";
  });
  world.places.ports["@carol"] = carol.port();
  CHECK(alice->ask("lookup:phone.demo@carol") == "data:CT\n@alice@");
  CHECK(alice->ask("scan:@carol") == "data:[\"phone.demo@carol\"]\n@alice@");
  CHECK(carol.heard() == std::vector<std::string>{"lookup:all:publickey@carol", "from:@alice",
                                                  "pol", "lookup:all:phone.demo@carol", "scan"});
}

TEST_CASE("a record of another platform is cached for as long as its owner allows",
          "[atserver][elsewhere]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice"), bob = world.there->login("bob");
  REQUIRE(bob->ask("update:ttr:-1:@alice:a.demo@bob 1").starts_with("data:"));
  CHECK(alice->ask("lookup:bypassCache:true:a.demo@bob") == "data:1\n@alice@");
  world.there->stop();
  CHECK(alice->ask("lookup:a.demo@bob") == "data:1\n@alice@");
  CHECK(alice->ask("lookup:bypassCache:true:a.demo@bob").starts_with("error:AT00"));
}

TEST_CASE("the key pair of pol is made once, and clients never see its private half",
          "[atserver][elsewhere]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  alice->ask("scan:@bob");
  const auto key = alice->ask("llookup:public:signing_publickey@alice");
  CHECK(key.starts_with("data:MII"));
  CHECK(alice->ask("llookup:@alice:signing_privatekey@alice").starts_with("error:AT0015-"));
  CHECK(alice->ask("scan:showHidden:true signing") ==
        "data:[\"public:signing_publickey@alice\"]\n@alice@");
  // What was published for the proof is gone.
  CHECK(alice->ask("scan:showHidden:true ^public:_") == "data:[]\n@alice@");
  world.here->stop();
  world.here->start();
  const auto again = world.here->login("alice");
  again->ask("scan:@bob");
  CHECK(again->ask("llookup:public:signing_publickey@alice") == key);
}

TEST_CASE("a new public key of another platform's atSign retires the key shared with it",
          "[atserver][elsewhere]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  alice->ask("update:shared_key.bob@alice S");
  CHECK(alice->ask("scan:@bob") == "data:[]\n@alice@");
  CHECK(alice->ask("llookup:cached:public:publickey@bob") ==
        "data:" + test::vector_of("k1Public") + "\n@alice@");
  const auto bob = world.there->login("bob");
  REQUIRE(bob->ask("update:public:publickey@bob another").starts_with("data:"));
  // The next connection is a new one.
  world.there->stop();
  world.there->start();
  CHECK(alice->ask("scan:@bob") == "data:[]\n@alice@");
  CHECK(alice->ask("llookup:cached:public:publickey@bob") == "data:another\n@alice@");
  CHECK(alice->ask("llookup:shared_key.bob@alice").starts_with("error:AT0015-key not found"));
  const auto keys = alice->ask("scan shared_key");
  CHECK(keys.find("\"shared_key.bob.until.") != keys.npos);
}

TEST_CASE("a platform that is away is told of before clients give up", "[atserver][elsewhere]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  world.there->stop();
  CHECK(time_of([&] {
          CHECK(alice->ask("lookup:x.demo@bob").starts_with("error:AT0004-Socket error : "));
          CHECK(alice->ask("plookup:x.demo@bob").starts_with("error:AT0004-Socket error : "));
        }) < 3s);
  CHECK(world.places.doubted.size() == 2);
  world.places.is_down = true;
  CHECK(alice->ask("scan:@bob").starts_with("error:AT0004-Socket error : "));
  CHECK(alice->ask("noop:0") == "data:ok\n@alice@");
}

TEST_CASE("whoever blocks an atSign of another platform hides what is shared, not what is public",
          "[atserver][elsewhere]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice"), bob = world.there->login("bob");
  bob->ask("update:@alice:x.demo@bob 1");
  bob->ask("update:public:x.demo@bob 2");
  bob->ask("config:block:add:@alice");
  CHECK(alice->ask("lookup:x.demo@bob") ==
        "error:AT0008-Handshake failure : Exception: Unable to connect\n@alice@");
  CHECK(alice->ask("plookup:x.demo@bob") == "data:2\n@alice@");
}

TEST_CASE("nobody else is taken for an atSign of another platform",
          "[atserver][elsewhere][hostile]") {
  TwoPlatforms world;
  const auto bob = world.there->login("bob");
  bob->ask("update:@alice:x.demo@bob 1");
  const auto impostor = world.there->connect("bob");
  CHECK(impostor->ask("from:@alice").starts_with("data:proof:_"));
  const auto refused = impostor->ask("pol");
  CHECK(refused.starts_with("error:AT0015-Exception: public:_"));
  CHECK(impostor->ask("lookup:x.demo@bob") ==
        "error:AT0015-Exception: public:x.demo@bob does not exist in keystore\n@");
  impostor->ask("from:@nobody");
  CHECK(impostor->ask("pol").starts_with("error:AT0007-Exception: Unable to find"));
}

TEST_CASE("an atServer with a wrong signature is not let in", "[atserver][elsewhere][hostile]") {
  TwoPlatforms world;
  Stranger mallory(world.loop, world.authority, [](const std::string& line) -> std::string {
    if (line.starts_with("lookup:_")) return "data:AAAA\n@";
    if (line.starts_with("lookup:signing")) return "data:" + test::vector_of("k1Public") + "\n@";
    return "error:AT0015-Exception: nothing\n@";
  });
  world.places.ports["@mallory"] = mallory.port();
  const auto client = world.there->connect("bob");
  const auto challenge = client->ask("from:@mallory");
  constexpr std::string_view kProof = "data:proof:";
  REQUIRE(challenge.starts_with(kProof));
  const auto id = challenge.substr(kProof.size(), challenge.find('@') - kProof.size());
  CHECK(client->ask("pol") == "error:AT0401-Exception: Pol Authentication Failed\n@");
  CHECK(client->ask("noop:0") == "data:ok\n@");
  // atprotocol-wire.md 8.5, B to A; the last question is ours alone.
  CHECK(mallory.heard() == std::vector<std::string>{"lookup:all:publickey@mallory",
                                                    "lookup:" + id + "@mallory",
                                                    "lookup:signing_publickey@mallory",
                                                    "lookup:" + id + ".for@mallory"});
}

// @mallory, whom @alice asks something, passes @bob's challenge on to her.
TEST_CASE("an atServer in the middle does not get in with somebody else's proof",
          "[atserver][elsewhere][hostile]") {
  TwoPlatforms world;
  const auto bob = world.there->login("bob");
  const auto alice = world.here->login("alice");
  const auto client = world.there->connect("bob");
  const auto challenge = client->ask("from:@alice");
  REQUIRE(challenge.starts_with("data:proof:_"));
  Stranger mallory(world.loop, world.authority, [&](const std::string& line) -> std::string {
    if (line == "from:@alice") return challenge;
    if (line == "pol") return kStalls;
    return "error:AT0015-Exception: nothing\n@";
  });
  world.places.ports["@mallory"] = mallory.port();
  alice->send("scan:@mallory\n");
  REQUIRE(test::eventually(world.loop, [&] { return mallory.has_heard("pol"); }));
  CHECK(client->ask("pol") == "error:AT0401-Exception: Pol Authentication Failed\n@");
  CHECK(alice->read().starts_with("error:AT0008-Handshake failure : "));
}

TEST_CASE("an atServer cannot make another publish or sign what it likes",
          "[atserver][elsewhere][hostile]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  std::string challenge;
  Stranger mallory(world.loop, world.authority, [&](const std::string& line) -> std::string {
    return line.starts_with("from:") ? challenge : "error:AT0015-Exception: nothing\n@";
  });
  world.places.ports["@mallory"] = mallory.port();
  for (const auto* one :
       {"data:proof:publickey@alice:7d6c5b4a-3928-4716\n@", "data:proof:_12345678@bob:7d6c5b4a\n@",
        "data:proof:_12345678@alice:{\"a\":1}\n@", "data:_12345678@alice:7d6c5b4a-3928\n@",
        "data:proof:_12345678\n@", "data:\n@"}) {
    INFO(one);
    challenge = one;
    CHECK(alice->ask("scan:@mallory").starts_with("error:AT0008-Handshake failure : "));
  }
  CHECK_FALSE(mallory.has_heard("pol"));
  CHECK(alice->ask("llookup:public:publickey@alice") ==
        "data:" + test::vector_of("k1Public") + "\n@alice@");
}

TEST_CASE("an atServer that answers nonsense, too much or nothing harms nobody",
          "[atserver][elsewhere][hostile]") {
  TwoPlatforms world;
  const auto alice = world.here->login("alice");
  std::string answer;
  Stranger mallory(world.loop, world.authority, [&](const std::string&) { return answer; });
  world.places.ports["@mallory"] = mallory.port();
  for (const auto& one :
       {std::string("nonsense\n@"), std::string("notification: {}\n"), std::string("\n\n\n\n"),
        std::string(11'000'000, 'x'), std::string("data:{\"data\":5}\n@"),
        std::string("data:{\"data\":\"a\\nb\",\"metaData\":{}}\n@"), std::string("data:[[[[[\n@"),
        "data:" + std::string(100'000, '[') + "\n@", std::string(kStalls)}) {
    INFO(one.substr(0, 40));
    answer = one;
    for (const auto* line : {"plookup:x.demo@mallory", "scan:@mallory"}) {
      std::string said;
      CHECK(time_of([&] { said = alice->ask(line); }) < 3'000ms);
      CHECK(said.starts_with("error:AT00"));
    }
  }
  CHECK(alice->ask("noop:0") == "data:ok\n@alice@");
  CHECK(alice->ask("scan:@bob") == "data:[]\n@alice@");
}
