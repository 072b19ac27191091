// SPDX-License-Identifier: BSD-3-Clause
// Weaknesses and defects of the reference's data commands that this server must not have
// (atprotocol-wire.md 11.1, 11.3); those with a subject of their own are with it.
#include "world.hpp"

using namespace noports;
using test::World;

TEST_CASE("private signing keys and enrolments are shown by no command",
          "[atserver][session][hostile]") {
  // 11.1, 1-3
  World world;
  const std::string secret = "SECRET";
  for (const auto* key :
       {"@alice:signing_privatekey@alice", "@bob:signing_privatekey@alice",
        "e.new.enrollments.__manage@alice", "e.default_enc_private_key.__manage@alice",
        "public:app.dev.pkam.__pkams.__public_keys@alice", "private:spp.__otp@alice",
        "private:app.dev.k.__private_keys.ns@alice", "privatekey:at_pkam_publickey",
        "@bob:x.__manage@alice"}) {
    world.put("@alice", key, secret);
  }
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  auto stranger = world.session("@alice");
  for (const auto* line :
       {"scan:showHidden:true", "sync:from:-1:limit:100", "stats:15",
        "llookup:@alice:signing_privatekey@alice", "llookup:all:e.new.enrollments.__manage@alice",
        "llookup:e.default_enc_private_key.__manage@alice", "llookup:private:spp.__otp@alice",
        "llookup:privatekey:at_secret", "llookup:privatekey:at_pkam_publickey",
        "lookup:signing_privatekey@alice", "plookup:app.dev.pkam.__pkams.__public_keys@alice"}) {
    CAPTURE(line);
    const auto answer = world.say(alice, line);
    CHECK(answer.find(secret) == answer.npos);
    CHECK(answer.find("__manage@alice\"") == answer.npos);
  }
  for (const auto* line : {"lookup:signing_privatekey@alice", "lookup:x.__manage@alice",
                           "plookup:app.dev.pkam.__pkams.__public_keys@alice"}) {
    CAPTURE(line);
    CHECK(world.say(bob, line).starts_with("error:AT0015-"));
  }
  CHECK(world.say(bob, "scan:@alice") == "data:[]\n@bob@");
  CHECK(world.say(stranger, "lookup:app.dev.pkam.__pkams.__public_keys@alice")
            .starts_with("error:AT0015-"));
  CHECK(world.say(stranger, "scan") == "data:[]\n@");
}

TEST_CASE("the owner's look-up of own data honours expiry", "[atserver][session]") {
  // 11.3
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:ttl:10:@alice:a.demo@alice 1");
  CHECK(world.say(alice, "lookup:a.demo@alice") == "data:1\n@alice@");
  world.now += 10;
  CHECK(world.say(alice, "lookup:a.demo@alice") == "data:null\n@alice@");
}

TEST_CASE("a value that names another record is answered as it is",
          "[atserver][session][hostile]") {
  // 3.8 and 11.3: the reference follows such values, and mixes up what it finds.
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:@bob:ref.demo@alice atsign://secret.demo@alice");
  world.say(alice, "update:@bob:secret.demo@alice 1");
  world.say(alice, "update:public:secret.demo@alice 2");
  CHECK(world.say(bob, "lookup:ref.demo@alice") == "data:atsign://secret.demo@alice\n@bob@");
}

TEST_CASE("a public key is copied as its owner says, not for a day", "[atserver][session]") {
  // 11.3
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:public:publickey@alice K");
  CHECK(world.say(bob, "plookup:publickey@alice") == "data:K\n@bob@");
  CHECK_FALSE(world.value("@bob", "cached:public:publickey@alice"));
  world.say(alice, "update:ttr:-1:public:publickey@alice K");
  CHECK(world.say(bob, "plookup:publickey@alice") == "data:K\n@bob@");
  CHECK(world.value("@bob", "cached:public:publickey@alice") == "K");
  CHECK(world.say(bob, "llookup:meta:cached:public:publickey@alice").find("expiresAt") ==
        std::string::npos);
}

TEST_CASE("a copy goes when its original has gone or may not be copied any more",
          "[atserver][session]") {
  // 3.8
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:ttr:1:@bob:a.demo@alice 1");
  REQUIRE(world.value("@bob", "cached:@bob:a.demo@alice") == "1");
  world.put("@alice", "@bob:a.demo@alice", "2");
  world.now += 1001;
  CHECK(world.say(bob, "lookup:a.demo@alice") == "data:2\n@bob@");
  CHECK_FALSE(world.value("@bob", "cached:@bob:a.demo@alice"));
  world.say(alice, "update:ttr:1:@bob:b.demo@alice 1");
  REQUIRE(world.value("@bob", "cached:@bob:b.demo@alice") == "1");
  world.say(alice, "delete:@bob:b.demo@alice");
  world.now += 1001;
  CHECK(world.say(bob, "lookup:b.demo@alice").starts_with("error:AT0015-"));
  CHECK_FALSE(world.value("@bob", "cached:@bob:b.demo@alice"));
}

TEST_CASE("an update that could not be stored is no success", "[atserver][session]") {
  // 11.3: the reference answers data:null.
  World world;
  auto alice = world.owner("@alice");
  const auto outcome = alice.storage_failed();
  CHECK(outcome.answer ==
        "error:AT0002-DataStore exception : the data could not be stored\n@alice@");
  CHECK(outcome.close);
}

TEST_CASE("values keep every data: in them", "[atserver][session]") {
  // 11.2
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  world.say(alice, "update:@bob:a.demo@alice data:x data:y");
  CHECK(world.say(bob, "lookup:a.demo@alice") == "data:data:x data:y\n@bob@");
}
