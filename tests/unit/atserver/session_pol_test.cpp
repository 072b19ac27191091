// SPDX-License-Identifier: BSD-3-Clause
// @bob's atServer, asked by the atServer of @alice (atprotocol-wire.md 3.5, 4.3, 11.1).
#include "noports/crypto/base64.hpp"
#include "noports/crypto/rsa.hpp"
#include "world.hpp"

using namespace noports;
using test::vector_of;
using test::World;

namespace {

const std::string kId = "_9b2f1d70-53c4-4e8f-b1a6-7c8d9e0f1a2b";

std::string signature_of(const std::string& challenge) {
  static const auto key = *crypto::PrivateKey::parse(vector_of("k1Private"));
  return crypto::base64(*key.sign(challenge));
}

// What @alice's atServer publishes before it says pol on the connection kId.
void publish(World& world, const std::string& challenge) {
  world.put("@alice", "public:signing_publickey@alice", vector_of("k1Public"));
  world.put("@alice", "public:" + kId + "@alice", signature_of(challenge));
}

// from and pol, with the challenge "p".
std::string prove(World& world, atserver::Session& session) {
  world.uuids = {"p"};
  CHECK(world.say(session, "from:@alice") == "data:proof:" + kId + "@alice:p\n@");
  return world.say(session, "pol");
}

// @alice's connection to @bob.
atserver::Session peer(World& world) {
  publish(world, "p");
  auto session = world.session("@bob", kId);
  REQUIRE(prove(world, session) == "@alice@");
  return session;
}

}  // namespace

// atprotocol-wire.md 8.5
TEST_CASE("another atServer proves itself with the signed challenge",
          "[atserver][session][vectors]") {
  World world;
  const std::string p = "7d6c5b4a-3928-4716-a5b4-c3d2e1f0a9b8";
  world.put("@alice", "public:signing_publickey@alice", vector_of("k1Public"));
  world.put("@alice", "public:" + kId + "@alice", vector_of("polSignature"));
  auto session = world.session("@bob", kId);
  world.uuids = {p};
  CHECK(world.say(session, "from:@alice") == "data:proof:" + kId + "@alice:" + p + "\n@");
  const auto outcome = world.take(session, "pol");
  CHECK(outcome.answer == "@alice@");
  CHECK_FALSE(outcome.close);
  REQUIRE(session.peer());
  CHECK(session.peer()->str() == "@alice");
  CHECK_FALSE(session.is_authenticated());
  CHECK(world.say(session, "noop:0") == "data:ok\n@alice@");
}

TEST_CASE("pol needs from first", "[atserver][session]") {
  World world;
  auto session = world.session("@bob", kId);
  const auto early = world.take(session, "pol");
  CHECK(early.answer.starts_with("error:AT0011-Exception: You must execute a 'from:' command"));
  CHECK(early.close);
  auto own = world.session("@bob", kId);
  world.say(own, "from:@bob");
  CHECK(world.say(own, "pol").starts_with("error:AT0011-"));
}

TEST_CASE("a proof is asked for once, and soon after its challenge", "[atserver][session]") {
  World world;
  publish(world, "p");
  auto session = world.session("@bob", kId);
  REQUIRE(prove(world, session) == "@alice@");
  CHECK(world.say(session, "pol").starts_with("error:AT0011-"));

  auto late = world.session("@bob", kId);
  world.uuids = {"p"};
  world.say(late, "from:@alice");
  world.now += 60'000;
  const auto outcome = world.take(late, "pol");
  CHECK(outcome.answer == "error:AT0011-Exception: Unable to verify signature\n@");
  CHECK(outcome.close);
  CHECK_FALSE(late.peer());
}

TEST_CASE("a proof that is missing or wrong proves nothing", "[atserver][session][hostile]") {
  World world;
  auto session = world.session("@bob", kId);
  CHECK(prove(world, session) ==
        "error:AT0015-Exception: public:" + kId + "@alice does not exist in keystore\n@");
  world.put("@alice", "public:" + kId + "@alice", signature_of("p"));
  CHECK(prove(world, session) ==
        "error:AT0015-Exception: public:signing_publickey@alice does not exist in keystore\n@");
  for (const auto& wrong : {signature_of("q"), std::string("no base64!"), std::string()}) {
    auto other = world.session("@bob", kId);
    publish(world, "p");
    world.put("@alice", "public:" + kId + "@alice", wrong);
    CHECK(prove(world, other) == "error:AT0401-Exception: Pol Authentication Failed\n@");
    CHECK_FALSE(other.peer());
    CHECK(world.say(other, "lookup:x.y@bob").starts_with("error:AT0015-Exception: public:x.y"));
  }
  publish(world, "p");
  world.put("@alice", "public:signing_publickey@alice", "no key");
  CHECK(prove(world, session) == "error:AT0401-Exception: Pol Authentication Failed\n@");
  CHECK_FALSE(session.peer());
}

TEST_CASE("an atSign that nobody serves proves nothing", "[atserver][session]") {
  World world;
  auto session = world.session("@bob", kId);
  world.say(session, "from:@nobody");
  const auto outcome = world.take(session, "pol");
  CHECK(outcome.answer.starts_with("error:AT0007-Exception: Unable to find"));
  CHECK_FALSE(outcome.close);
}

TEST_CASE("a connection fails to prove itself five times at most", "[atserver][session][hostile]") {
  World world;
  auto session = world.session("@bob", kId);
  for (int i = 0; i < 5; ++i) {
    world.say(session, "from:@alice");
    CHECK(world.take(session, "pol").close == (i == 4));
  }
}

// A server in the middle that passes @alice's proof on to @bob.
TEST_CASE("a proof that was published for another atServer proves nothing",
          "[atserver][session][hostile]") {
  World world;
  publish(world, "p");
  world.put("@alice", "public:" + kId + ".for@alice", "@carol");
  auto session = world.session("@bob", kId);
  CHECK(prove(world, session) == "error:AT0401-Exception: Pol Authentication Failed\n@");
  world.put("@alice", "public:" + kId + ".for@alice", "@bob");
  CHECK(prove(world, session) == "@alice@");
}

// atprotocol-wire.md 11.1, 12
TEST_CASE("a peer whose signing key is another than before is let in, and told of",
          "[atserver][session]") {
  World world;
  const auto prove_once = [&] {
    auto session = world.session("@bob", kId);
    world.uuids = {"p"};
    world.say(session, "from:@alice");
    const auto outcome = world.take(session, "pol");
    CHECK(outcome.answer == "@alice@");
    return outcome.peer_key_changed;
  };
  publish(world, "p");
  CHECK_FALSE(prove_once());
  CHECK_FALSE(prove_once());
  const auto other = *crypto::PrivateKey::generate();
  world.put("@alice", "public:signing_publickey@alice", other.public_key().text());
  world.put("@alice", "public:" + kId + "@alice", crypto::base64(*other.sign("p")));
  CHECK(prove_once());
  CHECK_FALSE(prove_once());
  // It is in no list, and in no commit log.
  auto bob = world.owner("@bob");
  CHECK(world.say(bob, "scan:showHidden:true signing") == "data:[]\n@bob@");
  CHECK(world.say(bob, "stats:3").find("\"value\":\"null\"") != std::string::npos);
}

TEST_CASE("a challenge for pol is none for the owner, nor the other way round",
          "[atserver][session][hostile]") {
  World world;
  world.put("@bob", "privatekey:at_pkam_publickey", vector_of("k1Public"));
  auto session = world.session("@bob", kId);
  world.uuids = {"p"};
  world.say(session, "from:@alice");
  CHECK(world.say(session, "pkam:" + signature_of("p")).starts_with("error:AT0015-"));
  CHECK(world.say(session, "pkam:" + signature_of(kId + "@alice:p")).starts_with("error:AT0015-"));
  CHECK_FALSE(session.is_authenticated());
}

TEST_CASE("a peer reads what is shared with it, and what is public", "[atserver][session]") {
  World world;
  auto bob = world.owner("@bob");
  world.say(bob, "update:@alice:phone.demo@bob 1");
  world.say(bob, "update:@carol:phone.demo@bob 2");
  world.say(bob, "update:phone.demo@bob 3");
  world.say(bob, "update:public:phone.demo@bob 4");
  auto alice = peer(world);
  CHECK(world.say(alice, "lookup:phone.demo@bob") == "data:1\n@alice@");
  CHECK(world.say(alice, "lookup:all:phone.demo@bob")
            .starts_with(R"(data:{"key":"@alice:phone.demo@bob","data":"1","metaData":{)"
                         R"("createdBy":"@bob","updatedBy":"@bob","createdAt":")"));
  CHECK(world.say(alice, "plookup:phone.demo@bob") == "data:4\n@alice@");
  CHECK(world.say(alice, "scan") == "data:[\"phone.demo@bob\"]\n@alice@");
  CHECK(world.say(alice, "scan ^@alice:phone") == "data:[\"phone.demo@bob\"]\n@alice@");
  CHECK(world.say(alice, "scan nothing") == "data:[]\n@alice@");
  // Errors have the prompt of a stranger (1.3).
  CHECK(world.say(alice, "lookup:nokey.demo@bob") ==
        "error:AT0015-Exception: @alice:nokey.demo@bob does not exist in keystore\n@");
}

TEST_CASE("a peer has none of the owner's commands", "[atserver][session][hostile]") {
  World world;
  auto bob = world.owner("@bob");
  world.say(bob, "update:@alice:phone.demo@bob 1");
  auto alice = peer(world);
  for (const auto* line :
       {"update:@alice:phone.demo@bob x", "delete:@alice:phone.demo@bob", "llookup:phone.demo@bob",
        "llookup:@alice:signing_privatekey@alice", "monitor", "sync:from:0:limit:5", "stats",
        "notify:status:1", "notify:list", "notify:all:@bob:x.y@alice:v", "otp:get",
        "config:block:show", "batch:[]", "enroll:list", "keys:get:private", "info"}) {
    INFO(line);
    CHECK(world.say(alice, line).starts_with("error:AT0"));
  }
  CHECK(world.say(alice, "scan:@carol").starts_with("error:AT0401-"));
  CHECK(world.take(alice, "plookup:phone.demo@carol").answer.starts_with("error:AT0015-"));
  CHECK(world.value("@bob", "@alice:phone.demo@bob") == "1");
}

TEST_CASE("a peer's notification arrives once", "[atserver][session]") {
  World world;
  auto alice = peer(world);
  const std::string line =
      "notify:id:n1:update:messageType:key:notifier:SYSTEM:ttln:60000:ttl:0:ttb:0:isEncrypted:true:"
      "ivNonce:IV:@bob:request.d.sshnp@alice:v";
  auto outcome = world.take(alice, line);
  CHECK(outcome.answer == "data:success\n@alice@");
  REQUIRE(outcome.arrivals.size() == 1);
  CHECK(outcome.arrivals[0].from == "@alice");
  CHECK(outcome.arrivals[0].key == "@bob:request.d.sshnp@alice");
  outcome = world.take(alice, line);
  CHECK(outcome.answer == "data:success\n@alice@");
  CHECK(outcome.arrivals.empty());
  auto bob = world.owner("@bob");
  CHECK(world.say(bob, "notify:status:n1") == "data:delivered\n@bob@");
}

TEST_CASE("a peer's notification may leave its recipient out, and cache what may be cached",
          "[atserver][session]") {
  World world;
  auto alice = peer(world);
  CHECK(world.say(alice,
                  "notify:id:n1:update:messageType:key:notifier:SYSTEM:ttl:0:ttb:0:"
                  "isEncrypted:false:public:phone.demo@alice:1") == "data:success\n@alice@");
  CHECK(world.say(alice,
                  "notify:id:n2:update:messageType:key:notifier:SYSTEM:ttr:-1:ccd:true:"
                  "isEncrypted:true:@bob:phone.demo@alice:2") == "data:success\n@alice@");
  CHECK(world.value("@bob", "cached:@bob:phone.demo@alice") == "2");
  CHECK(world.say(alice,
                  "notify:id:n3:delete:messageType:key:notifier:system:"
                  "@bob:phone.demo@alice") == "data:success\n@alice@");
  CHECK_FALSE(world.value("@bob", "cached:@bob:phone.demo@alice"));
  CHECK(world.say(alice, "notify:id:n4:update:messageType:text:notifier:SYSTEM:@bob:hello") ==
        "data:success\n@alice@");
}

TEST_CASE("a peer speaks for its own atSign alone, to this one alone",
          "[atserver][session][hostile]") {
  World world;
  auto alice = peer(world);
  for (const auto* subject :
       {"@bob:shared_key@carol:v", "@bob:x.y@bob:v", "@carol:x.y@alice:v", "@alice:x.y@alice:v",
        "public:publickey@carol:v", "@bob:x.__manage@alice:v"}) {
    INFO(subject);
    const auto outcome = world.take(
        alice, std::string("notify:id:n:update:messageType:key:notifier:SYSTEM:ttr:-1:ccd:true:") +
                   subject);
    CHECK(outcome.answer.starts_with("error:AT0009-Exception: "));
    CHECK(outcome.arrivals.empty());
    CHECK(outcome.deliveries.empty());
  }
  CHECK_FALSE(world.value("@bob", "cached:@bob:shared_key@carol"));
}

TEST_CASE("a peer that is blocked is turned away, whenever that happens", "[atserver][session]") {
  World world;
  auto bob = world.owner("@bob");
  auto alice = peer(world);
  auto claiming = world.session("@bob", kId);
  world.say(claiming, "from:@alice");
  world.say(bob, "config:block:add:@alice");
  for (const auto* line : {"lookup:phone.demo@bob", "scan", "notify:id:n:@bob:x.y@alice:v"}) {
    const auto outcome = world.take(alice, line);
    CHECK(outcome.answer == "error:AT0013-Exception: Unable to connect\n@");
    CHECK(outcome.close);
  }
  CHECK(world.say(claiming, "pol") == "error:AT0013-Exception: Unable to connect\n@");
  auto late = world.session("@bob", kId);
  CHECK(world.say(late, "from:@alice") == "error:AT0013-Exception: Unable to connect\n@");
}

TEST_CASE("a connection is the owner's or a peer's, never both", "[atserver][session]") {
  World world;
  auto bob = world.owner("@bob");
  publish(world, "p");
  world.uuids = {"p"};
  CHECK(world.say(bob, "from:@alice") == "data:proof:" + kId + "@alice:p\n@bob@");
  CHECK(world.say(bob, "pol") == "@alice@");
  CHECK(bob.peer());
  CHECK_FALSE(bob.is_authenticated());
  world.login(bob);
  CHECK(bob.is_authenticated());
  CHECK_FALSE(bob.peer());
}
