// SPDX-License-Identifier: BSD-3-Clause
// Records through the session: lifetimes, merging, protection, copies of others' records.
#include "world.hpp"

using namespace noports;
using test::World;

TEST_CASE("keys are stored in lower case and found in any", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "update:Phone.Demo@alice Value: with @ and : signs") == "data:0\n@alice@");
  CHECK(world.say(alice, "llookup:phone.demo@alice") == "data:Value: with @ and : signs\n@alice@");
  CHECK(world.say(alice, "llookup:PHONE.demo@alice") == "data:Value: with @ and : signs\n@alice@");
}

TEST_CASE("a value that begins with data: is answered whole", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:a@alice data:x");
  CHECK(world.say(alice, "llookup:a@alice") == "data:data:x\n@alice@");
}

TEST_CASE("records live from ttb to ttl", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:ttl:1000:ttb:500:a@alice 1");
  const auto born = world.now + 500;
  CHECK(world.say(alice, "llookup:a@alice") == "data:null\n@alice@");
  CHECK(world.say(alice, "scan") == "data:[]\n@alice@");
  world.now = born;
  CHECK(world.say(alice, "llookup:a@alice") == "data:1\n@alice@");
  world.now = born + 999;
  CHECK(world.say(alice, "llookup:a@alice") == "data:1\n@alice@");
  world.now = born + 1000;
  CHECK(world.say(alice, "llookup:a@alice") == "data:null\n@alice@");
  CHECK(world.say(alice, "llookup:all:a@alice") == "data:null\n@alice@");
  CHECK(world.say(alice, "scan") == "data:[]\n@alice@");
}

TEST_CASE("an update keeps lifetimes it does not mention, and nothing about the cipher",
          "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(
      alice,
      "update:ttl:1000:ttr:60:ccd:true:isBinary:true:isEncrypted:true:ivNonce:iv==:a@alice 1");
  world.now += 10;
  world.say(alice, "update:a@alice 2");
  CHECK(world.say(alice, "llookup:meta:a@alice") ==
        R"(data:{"createdBy":"@alice","updatedBy":"@alice","createdAt":"2024-10-01 09:00:00.123Z",)"
        R"("updatedAt":"2024-10-01 09:00:00.133Z","expiresAt":"2024-10-01 09:00:01.133Z",)"
        R"("refreshAt":"2024-10-01 09:01:00.133Z","status":"active","version":1,"ttl":1000,)"
        R"("ttr":60,"ccd":true,"isBinary":false,"isEncrypted":false})"
        "\n@alice@");
  world.say(alice, "update:ttl:0:ttr:0:a@alice 3");
  const auto meta = world.say(alice, "llookup:meta:a@alice");
  CHECK(meta.find("expiresAt") == meta.npos);
  CHECK(meta.find("ttr") == meta.npos);
  CHECK(meta.find("ccd") == meta.npos);
}

TEST_CASE("metadata out of range is refused", "[atserver][session][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  const auto* items = GENERATE("ttl:-1", "ttb:-5", "ttr:-2", "ttl:99999999999999999999", "ttl:x",
                               "isEncrypted:maybe", "ttl:1:ttl:2");
  CAPTURE(items);
  CHECK(world.say(alice, "update:" + std::string(items) + ":a@alice 1")
            .starts_with("error:AT0003-Invalid syntax : Invalid syntax. "));
}

TEST_CASE("what peers write is accepted as they write it", "[atserver][session][vectors]") {
  // client-expectations.md 2.2, atprotocol-wire.md 3
  World world;
  auto alice = world.owner("@alice");
  const auto* line = GENERATE(
      "update:ttr:-1:ccd:True:isEncrypted:true:@bob:k.ns@alice v",
      "update:ttr:86400000:@bob:shared_key@alice v",
      "update:ttl:2592000000:ttr:-1:ccd:true:isEncrypted:true:ivNonce:aa==:@bob:device_info.mydev."
      "sshnp@alice v",
      "update:ttr:5:ccd:true:isBinary:false:isEncrypted:true:@bob:k@alice v",
      "update:isBinary:false:isEncrypted:true:dataSignature:s:sharedKeyStatus:x:sharedKeyEnc:e:"
      "hash:h:algo:sha512:k@alice v",
      "update:privatekey:at_pkam_publickey K");
  CAPTURE(line);
  CHECK(world.say(alice, line).starts_with("data:"));
}

TEST_CASE("only the owner's keys are written", "[atserver][session][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "update:@alice:x.y@bob 1") ==
        "error:AT0016-Invalid key : Invalid update command - sharedBy atsign @bob should be same "
        "as current atsign @alice\n@alice@");
  // The length is that of the key as it was said (3.10).
  CHECK(world.say(alice, "update:" + std::string(243, 'k') + "@alice v") ==
        "error:AT0016-Invalid key : update: key length 249 is greater than max allowed 248 "
        "chars\n@alice@");
  CHECK(world.say(alice, "update:" + std::string(242, 'k') + "@alice v").starts_with("data:"));
  for (const auto* line :
       {"update:cached:public:publickey@bob 1", "update:privatekey:at_secret 1",
        "update:private:x@alice 1", "update:id.new.enrollments.__manage@alice {}",
        "update:private.__otp@alice 1", "update:public:a.b.pkam.__pkams.__public_keys@alice 1",
        "delete:id.new.enrollments.__manage@alice", "delete:@alice:x.y@bob",
        "delete:privatekey:at_pkam_publickey", "delete:privatekey:at_secret_deleted"}) {
    CAPTURE(line);
    CHECK(world.say(alice, line).starts_with("error:AT00"));
  }
}

TEST_CASE("enrolments and private signing keys are not shown", "[atserver][session][hostile]") {
  World world;
  world.put("@alice", "e.new.enrollments.__manage@alice", "{}");
  world.put("@alice", "@alice:signing_privatekey@alice", "K");
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "llookup:e.new.enrollments.__manage@alice").starts_with("error:AT0015-"));
  CHECK(world.say(alice, "llookup:@alice:signing_privatekey@alice").starts_with("error:AT0015-"));
  CHECK(world.say(alice, "lookup:signing_privatekey@alice").starts_with("error:AT0015-"));
  CHECK(world.say(alice, "scan:showHidden:true") == "data:[]\n@alice@");
}

TEST_CASE("protected keys cannot be deleted, whatever was deleted before",
          "[atserver][session][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:public:publickey@alice K");
  world.say(alice, "delete:privatekey:at_secret");
  CHECK(world.say(alice, "delete:public:publickey@alice") ==
        "error:AT0009-UnAuthorized client in request : Cannot delete protected key: "
        "'publickey@alice'\n@alice@");
  CHECK(world.say(alice, "llookup:public:publickey@alice") == "data:K\n@alice@");
}

TEST_CASE("an immutable record stays until it expires", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  const std::string lock =
      "update:ttl:30000:isEncrypted:false:immutable:true:s1.session_mutexes.sshnp@alice lock";
  CHECK(world.say(alice, lock) == "data:0\n@alice@");
  const auto again = world.say(alice, lock);
  CHECK(again.starts_with("error:AT0009-"));
  CHECK(again.find("immutable") != again.npos);
  CHECK(world.say(alice, "delete:s1.session_mutexes.sshnp@alice").starts_with("error:AT0009-"));
  world.now += 30'000;
  CHECK(world.say(alice, lock) == "data:1\n@alice@");
}

TEST_CASE("a shared record is read by whom it is shared with alone",
          "[atserver][session][hostile]") {
  World world;
  REQUIRE(world.store->add(test::atsign("@mallory"), crypto::Secret(std::string_view("s")), 0));
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  auto mallory = world.owner("@mallory");
  world.say(alice, "update:@bob:phone.demo@alice 1");
  world.say(alice, "update:self.demo@alice 2");
  CHECK(world.say(bob, "lookup:phone.demo@alice") == "data:1\n@bob@");
  CHECK(world.say(mallory, "lookup:phone.demo@alice") ==
        "error:AT0015-key not found : Exception: @mallory:phone.demo@alice does not exist in "
        "keystore\n@mallory@");
  CHECK(world.say(bob, "lookup:self.demo@alice").starts_with("error:AT0015-"));
  CHECK(world.say(mallory, "scan:@alice") == "data:[]\n@mallory@");
}

TEST_CASE("public records of others, and atSigns that are not here", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:public:publickey@alice K");
  CHECK(world.say(bob, "plookup:publickey@alice") == "data:K\n@bob@");
  const auto all = world.say(bob, "plookup:all:publickey@alice");
  CHECK(all.starts_with(R"(data:{"data":"K","metaData":{)"));
  CHECK(all.ends_with(R"("key":"public:publickey@alice"})"
                      "\n@bob@"));
  const auto missing = world.say(bob, "plookup:all:nothing@alice");
  CHECK(missing ==
        "error:AT0015-key not found : Exception: public:nothing@alice does not exist in "
        "keystore\n@bob@");
  CHECK(world.say(bob, "plookup:publickey@nobody")
            .starts_with("error:AT0007-Secondary server not found : "));
  CHECK(world.say(bob, "plookup:publickey@bob").starts_with("error:AT0015-"));
  world.say(bob, "update:public:publickey@bob B");
  CHECK(world.say(bob, "plookup:publickey@bob") == "data:B\n@bob@");
  // A key that was published anew is seen at once.
  world.say(alice, "update:public:publickey@alice K2");
  CHECK(world.say(bob, "plookup:publickey@alice") == "data:K2\n@bob@");
}

TEST_CASE("records are copied as long as their owner allows", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  // Without an auto-notification's help: bob's copy comes from his look-up.
  world.put("@alice", "@bob:plain.demo@alice", "1");
  world.say(bob, "lookup:plain.demo@alice");
  CHECK_FALSE(world.value("@bob", "cached:@bob:plain.demo@alice"));
  world.say(alice, "update:ttr:60:@bob:kept.demo@alice 1");
  CHECK(world.value("@bob", "cached:@bob:kept.demo@alice") == "1");
  CHECK(world.say(bob, "llookup:cached:@bob:kept.demo@alice") == "data:1\n@bob@");
  world.put("@alice", "@bob:kept.demo@alice", "2");
  CHECK(world.say(bob, "lookup:kept.demo@alice") == "data:1\n@bob@");
  CHECK(world.say(bob, "lookup:all:kept.demo@alice")
            .starts_with(R"(data:{"key":"cached:@bob:kept.demo@alice","data":"1")"));
  world.now += 60'001;
  CHECK(world.say(bob, "lookup:kept.demo@alice") == "data:2\n@bob@");
}

TEST_CASE("bypassCache asks the owner", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:ttr:-1:ccd:true:@bob:d.demo@alice 1");
  world.put("@alice", "@bob:d.demo@alice", "2");
  CHECK(world.say(bob, "lookup:d.demo@alice") == "data:1\n@bob@");
  CHECK(world.say(bob, "lookup:bypassCache:true:d.demo@alice") == "data:2\n@bob@");
}

TEST_CASE("a copy goes with its original where the owner said so", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:ttr:-1:ccd:true:@bob:gone.demo@alice 1");
  world.say(alice, "update:ttr:-1:@bob:stays.demo@alice 1");
  world.say(alice, "update:ttr:-1:ccd:true:@bob:gone.demo@alice 2");
  CHECK(world.value("@bob", "cached:@bob:gone.demo@alice") == "2");
  world.say(alice, "delete:@bob:gone.demo@alice");
  world.say(alice, "delete:@bob:stays.demo@alice");
  CHECK_FALSE(world.value("@bob", "cached:@bob:gone.demo@alice"));
  CHECK(world.value("@bob", "cached:@bob:stays.demo@alice") == "1");
}

TEST_CASE("what has expired elsewhere is not found", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:ttl:10:@bob:brief.demo@alice 1");
  world.now += 10;
  CHECK(world.say(bob, "lookup:brief.demo@alice").starts_with("error:AT0015-key not found : "));
}

TEST_CASE("scan refuses what is no expression and keeps the connection",
          "[atserver][session][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  for (const auto* line : {"scan (", "scan:@bob (", "monitor ("}) {
    const auto outcome = world.take(alice, line);
    CHECK(outcome.answer.starts_with(
        "error:AT0003-Invalid syntax : Invalid regular expression. ( is not a valid regex"));
    CHECK_FALSE(outcome.close);
  }
  CHECK_FALSE(alice.monitor());
}

TEST_CASE("a deletion has a commit id whether or not there was a record", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "delete:@bob:username.dev1.sshnp@alice") == "data:0\n@alice@");
  CHECK(world.say(alice, "delete:k@alice") == "data:1\n@alice@");
}
