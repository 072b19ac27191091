// SPDX-License-Identifier: BSD-3-Clause
// The rarer forms of update, names of enrolments, and time on every path that reads
// (atprotocol-wire.md 3.10, 6.4; noports-newer.md 7.4, 16.1).
#include <nlohmann/json.hpp>

#include "noports/atserver/enrolment_names.hpp"
#include "world.hpp"

using namespace noports;
using atserver::Withdrawal;
using test::World;

namespace {

void withdraw(World& world, std::string_view id, Withdrawal to) {
  const auto whose = world.account("@alice");
  atserver::Database::Scope scope(world.store->database());
  atserver::withdraw(world.store->records, whose.id, "@alice", id, to, world.now);
  REQUIRE(scope.finish());
}

}  // namespace

TEST_CASE("update:meta changes what is said about a record and not its value",
          "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:ttl:1000:isEncrypted:true:ivNonce:iv==:a.demo@alice 1");
  world.now += 10;
  CHECK(world.say(alice, "update:meta:a.demo@alice:ttr:60:encoding:base64") == "data:1\n@alice@");
  CHECK(world.say(alice, "llookup:all:a.demo@alice") ==
        R"(data:{"key":"a.demo@alice","data":"1","metaData":{"createdBy":"@alice",)"
        R"("updatedBy":"@alice","createdAt":"2024-10-01 09:00:00.123Z",)"
        R"("updatedAt":"2024-10-01 09:00:00.133Z","expiresAt":"2024-10-01 09:00:01.133Z",)"
        R"("refreshAt":"2024-10-01 09:01:00.133Z","status":"active","version":1,"ttl":1000,)"
        R"("ttr":60,"ccd":false,"isBinary":false,"isEncrypted":true,"encoding":"base64",)"
        R"("ivNonce":"iv=="}})"
        "\n@alice@");
  world.say(alice, "update:meta:a.demo@alice:ttl:0:ttr:0:ivNonce:null");
  const auto meta = world.say(alice, "llookup:meta:a.demo@alice");
  CHECK(meta.find("expiresAt") == meta.npos);
  CHECK(meta.find("ttr") == meta.npos);
  CHECK(meta.find("ivNonce") == meta.npos);
}

TEST_CASE("update:meta is synced as a change of metadata", "[atserver][sync]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:a.demo@alice 1");
  world.say(alice, "update:meta:a.demo@alice:ttr:-1");
  CHECK(world.say(alice, "sync:from:0:limit:1")
            .ends_with(R"("ttr":"-1","ccd":"false","isBinary":"false","isEncrypted":"false"},)"
                       R"("commitId":1,"operation":"#"}])"
                       "\n@alice@"));
}

TEST_CASE("update:meta needs a record of one's own", "[atserver][session][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "update:meta:a.demo@alice:ttl:5") ==
        "error:AT0015-key not found : a.demo@alice does not exist in keystore\n@alice@");
  world.say(alice, "update:ttl:5:a.demo@alice 1");
  world.now += 5;
  CHECK(world.say(alice, "update:meta:a.demo@alice:ttl:5").starts_with("error:AT0015-"));
  CHECK(world.say(alice, "update:meta:@alice:a.demo@bob:ttl:5").starts_with("error:AT0016-"));
  world.put("@alice", "x.new.enrollments.__manage@alice", "{}");
  CHECK(world.say(alice, "update:meta:x.new.enrollments.__manage@alice:ttl:5")
            .starts_with("error:AT0009-"));
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, "update:meta:a.demo@alice:ttl:5").starts_with("error:AT0401-"));
}

TEST_CASE("update:meta tells the recipient, whose copy follows", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:@bob:a.demo@alice 1");
  CHECK_FALSE(world.value("@bob", "cached:@bob:a.demo@alice"));
  world.say(alice, "update:meta:@bob:a.demo@alice:ttr:-1:ccd:true");
  CHECK(world.value("@bob", "cached:@bob:a.demo@alice") == "1");
}

TEST_CASE("update:json writes what update does, and values that end in a blank",
          "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, R"(update:json:{"atKey":"@bob:a.demo@alice","value":"1 ","metadata":)"
                         R"({"isBinary":false,"isEncrypted":true,"isPublic":false,"ttr":-1}})") ==
        "data:0\n@alice@");
  CHECK(world.say(alice, "llookup:@bob:a.demo@alice") == "data:1 \n@alice@");
  CHECK(world.value("@bob", "cached:@bob:a.demo@alice") == "1 ");
  CHECK(world.pushed("@bob").size() == 1);
}

TEST_CASE("update:json is no way around ownership and protection", "[atserver][session][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  for (const auto* line :
       {R"(update:json:{"atKey":"@alice:a.demo@bob","value":"1"})",
        R"(update:json:{"atKey":"a","sharedBy":"@bob","value":"1"})",
        R"(update:json:{"atKey":"x.new.enrollments.__manage@alice","value":"1"})",
        R"(update:json:{"atKey":"privatekey:at_secret","value":"1"})",
        R"(update:json:{"atKey":"cached:public:publickey@bob","value":"1"})",
        R"(update:json:{"atKey":"a@alice","value":"1\n@alice@data:x"})"}) {
    CAPTURE(line);
    CHECK(world.say(alice, line).starts_with("error:AT00"));
  }
  CHECK(world.say(alice, "scan:showHidden:true") == "data:[]\n@alice@");
}

TEST_CASE("metadata may come in any order", "[atserver][session][vectors]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:ivNonce:aa==:isEncrypted:true:ccd:true:ttl:60000:ttr:5:a.demo@alice v");
  world.say(alice, "update:ttl:60000:ttr:5:ccd:true:isEncrypted:true:ivNonce:aa==:b.demo@alice v");
  const auto one = world.say(alice, "llookup:meta:a.demo@alice");
  CHECK(one.find(R"("ivNonce":"aa==")") != one.npos);
  CHECK(one == world.say(alice, "llookup:meta:b.demo@alice"));
}

TEST_CASE("an immutable record goes when its deletion is forced", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:ttb:1000:immutable:true:a.demo@alice 1");
  CHECK(world.say(alice, "update:a.demo@alice 2").find("is immutable") != std::string::npos);
  CHECK(world.say(alice, "update:meta:a.demo@alice:ttl:5").find("is immutable") !=
        std::string::npos);
  CHECK(world.say(alice, "delete:a.demo@alice").starts_with("error:AT0009-"));
  CHECK(world.say(alice, "delete:force:a.demo@alice") == "data:1\n@alice@");
  CHECK_FALSE(world.value("@alice", "a.demo@alice"));
}

TEST_CASE("what has expired or is not born yet is on no path that reads", "[atserver][session]") {
  World world;
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  auto stranger = world.session("@alice");
  const auto* lifetime = GENERATE("ttb:1000", "ttl:1000");
  const std::string update = "update:" + std::string(lifetime) + ":";
  for (const auto* key : {"@alice:a.demo@alice", "@bob:b.demo@alice", "public:c.demo@alice"}) {
    world.say(alice, update + key + " v");
  }
  const bool unborn = std::string_view(lifetime).starts_with("ttb");
  if (!unborn) world.now += 1000;
  for (const auto* line :
       {"llookup:@bob:b.demo@alice", "llookup:all:public:c.demo@alice", "lookup:a.demo@alice",
        "plookup:c.demo@alice", "lookup:all:a.demo@alice"}) {
    CAPTURE(line);
    CHECK(world.say(alice, line) == "data:null\n@alice@");
  }
  CHECK(world.say(alice, "scan") == "data:[]\n@alice@");
  CHECK(world.say(bob, "lookup:b.demo@alice").starts_with("error:AT0015-"));
  CHECK(world.say(bob, "plookup:c.demo@alice").starts_with("error:AT0015-"));
  CHECK(world.say(bob, "scan:@alice") == "data:[]\n@bob@");
  CHECK(world.say(stranger, "lookup:c.demo@alice") == "data:null\n@");
  CHECK(world.say(stranger, "scan") == "data:[]\n@");
  const auto page = world.say(alice, "sync:from:1:limit:1");
  if (unborn) {
    CHECK(page.find(R"("value":"v","metadata":{)") != page.npos);
    CHECK(page.find(R"("availableAt":"2024-10-01 09:00:01.123Z")") != page.npos);
  } else {
    CHECK(page ==
          R"(data:[{"atKey":"public:c.demo@alice","value":null,"metadata":null,"commitId":2,)"
          R"("operation":"-"}])"
          "\n@alice@");
  }
}

TEST_CASE("only the enrolment itself writes below its own id", "[atserver][session][hostile]") {
  World world;
  auto alice = world.owner("@alice");
  CHECK(world.say(alice, "update:public:_apsk.primary.a.__e@alice K") == "data:-1\n@alice@");
  for (const auto* line :
       {"update:public:_apsk.other.a.__e@alice K", "update:public:_apsk.primary.r.__e@alice K",
        "update:public:_apsk.primary.d.__e@alice K", "update:public:_apsk.a.__e@alice K",
        "update:other.a.__e@alice K", "update:x.__e@alice K",
        "update:meta:public:_apsk.other.a.__e@alice:ttl:1", "delete:public:_apsk.other.a.__e@alice",
        "delete:public:_apsk.primary.r.__e@alice"}) {
    CAPTURE(line);
    CHECK(world.say(alice, line).starts_with("error:AT00"));
  }
  CHECK(world.say(alice, "delete:public:_apsk.primary.a.__e@alice") == "data:-1\n@alice@");
}

TEST_CASE("records of an enrolment are renamed as it ends, and back", "[atserver][session]") {
  World world;
  world.put("@alice", "public:_apsk.e-1.a.__e@alice", "K");
  world.put("@alice", "public:_apsk.e-12.a.__e@alice", "L");
  world.put("@alice", "public:_apsk.xe-1.a.__e@alice", "M");
  auto stranger = world.session("@alice");
  withdraw(world, "e-1", Withdrawal::revoked);
  CHECK(world.say(stranger, "lookup:_apsk.e-1.a.__e@alice").starts_with("error:AT0015-"));
  CHECK(world.say(stranger, "lookup:_apsk.e-1.r.__e@alice") == "data:K\n@");
  CHECK(world.say(stranger, "lookup:_apsk.e-12.a.__e@alice") == "data:L\n@");
  CHECK(world.say(stranger, "lookup:_apsk.xe-1.a.__e@alice") == "data:M\n@");
  withdraw(world, "e-1", Withdrawal::none);
  CHECK(world.say(stranger, "lookup:_apsk.e-1.a.__e@alice") == "data:K\n@");
  withdraw(world, "e-1", Withdrawal::revoked);
  withdraw(world, "e-1", Withdrawal::deleted);
  CHECK(world.say(stranger, "lookup:_apsk.e-1.r.__e@alice").starts_with("error:AT0015-"));
  CHECK(world.say(stranger, "lookup:_apsk.e-1.d.__e@alice") == "data:K\n@");
}

TEST_CASE("records of an enrolment that expires are renamed when it is swept up",
          "[atserver][session]") {
  World world;
  const auto whose = world.account("@alice");
  world.put("@alice", "public:_apsk.e-1.a.__e@alice", "K");
  {
    atserver::Database::Scope scope(world.store->database());
    atserver::Record enrolment;
    enrolment.key = "e-1.new.enrollments.__manage@alice";
    enrolment.metadata.ttl = 10;
    enrolment.created = enrolment.updated = world.now;
    set_lifetimes(enrolment);
    world.store->records.put(whose.id, enrolment);
    CHECK(world.store->records.sweep(world.now + 9, 10) == 0);
    CHECK(world.store->records.sweep(world.now + 10, 10) == 1);
    REQUIRE(scope.finish());
  }
  CHECK(world.value("@alice", "public:_apsk.e-1.d.__e@alice") == "K");
  CHECK_FALSE(world.value("@alice", "public:_apsk.e-1.a.__e@alice"));
}

TEST_CASE("the names of enrolments are told from others", "[atserver][session]") {
  using atserver::enrolment_name;
  CHECK(enrolment_name("public:_apsk.e-1.a.__e@alice") == atserver::EnrolmentName{"e-1", true});
  CHECK(enrolment_name("e-1.a.__e@alice") == atserver::EnrolmentName{"e-1", true});
  CHECK(enrolment_name("public:e-1.a.__e@alice") == atserver::EnrolmentName{"e-1", true});
  CHECK(enrolment_name("x.e-1.r.__e@alice") == atserver::EnrolmentName{"e-1", false});
  CHECK(enrolment_name("a.__e@alice") == atserver::EnrolmentName{"", false});
  CHECK_FALSE(enrolment_name("e-1.a.x__e@alice"));
  CHECK_FALSE(enrolment_name("__e.x@alice"));
  CHECK(atserver::enrolment_of("e-1.new.enrollments.__manage@alice") == "e-1");
  CHECK_FALSE(atserver::enrolment_of("e-1.default_self_enc_key.__manage@alice"));
}
