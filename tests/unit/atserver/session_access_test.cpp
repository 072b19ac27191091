// SPDX-License-Identifier: BSD-3-Clause
// What a connection with an enrolment may read, write and see (atprotocol-wire.md 5, 11.1).
#include "enrolling.hpp"
#include "noports/atserver/access.hpp"

using namespace noports;
using namespace noports::test;
using Right = atserver::Enrolment::Right;

namespace {

atserver::Enrolment grant_of(std::vector<atserver::Enrolment::Namespace> namespaces) {
  atserver::Enrolment grant;
  grant.id = "e1";
  grant.namespaces = std::move(namespaces);
  return grant;
}

// A connection of @alice with an approved enrolment for `namespaces`.
atserver::Session enrolled(World& world, const std::string& id, const std::string& namespaces) {
  auto owner = owner_with_request(world, id, namespaces);
  REQUIRE(world.say(owner, approve_line(id)).starts_with("data:"));
  auto session = world.session("@alice", "_" + id);
  world.login(session, id);
  return session;
}

std::string denied(const std::string& what, const std::string& key) {
  return "error:AT0009-UnAuthorized client in request : Connection with enrollment ID e1 is not "
         "authorized to " +
         what + " key: " + key + "\n@alice@";
}

}  // namespace

TEST_CASE("a namespace covers the names that end in it", "[atserver][access]") {
  const auto grant = grant_of({{"sshnp", Right::write}, {"lab.np", Right::read}});
  const auto right = [&](const std::string& key) {
    return atserver::right_on(grant, *at::Key::parse(key));
  };
  CHECK(right("@bob:heartbeat.lab.sshnp@alice") == Right::write);
  CHECK(right("a.sshnp@alice") == Right::write);
  CHECK(right("x.lab.np@alice") == Right::read);
  CHECK(right("cached:@alice:x.sshnp@bob") == Right::write);
  for (const auto* key : {"sshnp@alice", "a.xsshnp@alice", "x.np@alice", "x.olab.np@alice",
                          "lab.np@alice", "a.sshnp.other@alice", "plain@alice"}) {
    CAPTURE(key);
    CHECK(right(key) == Right::none);
  }
  CHECK(right("public:x.other@alice") == Right::read);
  CHECK(right("public:plain@alice") == Right::read);
}

TEST_CASE("a namespace that is named counts, and the star for all others", "[atserver][access]") {
  const auto grant = grant_of({{"*", Right::write}, {"sshnp", Right::read}});
  CHECK(atserver::right_on(grant, *at::Key::parse("a.sshnp@alice")) == Right::read);
  CHECK(atserver::right_on(grant, *at::Key::parse("a.other@alice")) == Right::write);
  CHECK(atserver::right_on(grant, *at::Key::parse("plain@alice")) == Right::write);
}

TEST_CASE("an enrolment writes and reads in its namespaces alone",
          "[atserver][session][access][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  world.say(owner, "update:a.other@alice 1");
  world.say(owner, "update:plain@alice 1");
  auto session = enrolled(world, "e1", R"({"sshnp":"rw","ro":"r"})");
  CHECK(world.say(session, "update:a.sshnp@alice 1").starts_with("data:"));
  CHECK(world.say(session, "llookup:a.sshnp@alice") == "data:1\n@alice@");
  CHECK(world.say(session, "update:meta:a.sshnp@alice:ttl:1000").starts_with("data:"));
  CHECK(world.say(session, "delete:a.sshnp@alice").starts_with("data:"));
  CHECK(world.say(session, "update:a.ro@alice 1") == denied("update", "a.ro@alice"));
  CHECK(world.say(session, "update:meta:a.other@alice:ttl:1000") ==
        denied("update", "a.other@alice"));
  CHECK(world.say(session, "update:public:a.other@alice 1") ==
        denied("update", "public:a.other@alice"));
  CHECK(world.say(session, "delete:plain@alice") == denied("delete", "plain@alice"));
  CHECK(world.say(session, "llookup:a.other@alice") == denied("llookup", "a.other@alice"));
  CHECK(world.say(session, "llookup:a.ro@alice").starts_with("error:AT0015-"));
  CHECK(world.say(session, "lookup:a.other@bob") == denied("lookup", "@alice:a.other@bob"));
  CHECK(world.say(session, "notify:@bob:a.other@alice:1") ==
        denied("notify", "@bob:a.other@alice"));
  CHECK(world.say(session, "notify:all:@bob,@carol:a.ro@alice:1").starts_with("error:AT0009-"));
  CHECK(world.say(session, "notify:messageType:text:@bob:hello").starts_with("error:AT0009-"));
  CHECK(world.say(session, "notify:@bob:a.sshnp@alice:1").starts_with("data:"));
}

// atprotocol-wire.md 11.1, 1
TEST_CASE("a restricted enrolment cannot take the atSign over",
          "[atserver][session][access][hostile]") {
  World world;
  auto session = enrolled(world, "e1", R"({"*":"rw"})");
  for (const auto* key : {"privatekey:at_pkam_publickey", "public:publickey@alice",
                          "public:signing_publickey@alice"}) {
    CAPTURE(key);
    CHECK(world.say(session, "update:" + std::string(key) + " mine") == denied("update", key));
  }
  CHECK(world.say(session, "delete:privatekey:at_secret") ==
        denied("delete", "privatekey:at_secret"));
  CHECK(*world.value("@alice", "privatekey:at_pkam_publickey") == vector_of("k1Public"));
  world.put("@alice", "@alice:signing_privatekey@alice", "secret");
  CHECK_FALSE(world.say(session, "llookup:@alice:signing_privatekey@alice").starts_with("data:"));
  auto manager = enrolled(world, "e2", R"({"*":"rw","__manage":"rw"})");
  CHECK(world.say(manager, "update:public:publickey@alice mine").starts_with("data:"));
}

TEST_CASE("keys of conversations are everybody's", "[atserver][session][access]") {
  World world;
  auto session = enrolled(world, "e1", R"({"sshnp":"rw"})");
  for (const auto* key : {"shared_key.bob@alice", "@bob:shared_key@alice"}) {
    CAPTURE(key);
    CHECK(world.say(session, "update:" + std::string(key) + " k").starts_with("data:"));
    CHECK(world.say(session, "llookup:" + std::string(key)) == "data:k\n@alice@");
  }
  CHECK(world.say(session, "lookup:shared_key@bob").starts_with("error:AT0015-"));
  CHECK(world.say(session, "plookup:publickey@bob").starts_with("error:AT0015-"));
  CHECK(world.say(session, "update:secrets.shared_key.bob@alice k").starts_with("error:AT0009-"));
}

// atprotocol-wire.md 11.1, 3
TEST_CASE("no enrolment writes the records of enrolments itself",
          "[atserver][session][access][hostile]") {
  World world;
  auto session = enrolled(world, "e1", R"({"*":"rw","__manage":"rw"})");
  for (const auto* key :
       {"e1.new.enrollments.__manage@alice", "e1.default_self_enc_key.__manage@alice",
        "public:a.d.pkam.__pkams.__public_keys@alice", "a.d.k.__self_keys.sshnp@alice"}) {
    CAPTURE(key);
    CHECK(world.say(session, "update:" + std::string(key) + " x").starts_with("error:AT0009-"));
    CHECK(world.say(session, "delete:" + std::string(key)).starts_with("error:AT0009-"));
    CHECK_FALSE(world.say(session, "llookup:" + std::string(key)).starts_with("data:"));
  }
  CHECK(world.say(session, "notify:@bob:x.new.enrollments.__manage@alice:1")
            .starts_with("error:AT0009-"));
}

TEST_CASE("scan and sync show an enrolment what it may read",
          "[atserver][session][access][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  auto session = enrolled(world, "e1", R"({"lab.sshnp":"r"})");
  for (const auto* key : {"a.lab.sshnp@alice", "b.sshnp@alice", "plain@alice", "public:c.x@alice",
                          "shared_key.bob@alice"}) {
    REQUIRE(world.say(owner, "update:" + std::string(key) + " 1").starts_with("data:"));
  }
  CHECK(world.say(session, "scan") ==
        R"(data:["a.lab.sshnp@alice","public:c.x@alice","shared_key.bob@alice"])"
        "\n@alice@");
  const auto synced = world.say(session, "sync:from:-1:limit:10");
  for (const auto* key : {"a.lab.sshnp@alice", "public:c.x@alice", "shared_key.bob@alice"}) {
    CHECK(synced.find(key) != std::string::npos);
  }
  CHECK(synced.find("\"b.sshnp@alice") == std::string::npos);
  CHECK(synced.find("plain@alice") == std::string::npos);
  world.say(owner, "update:plain@alice 2");
  const auto last = [&](atserver::Session& who) { return world.say(who, "stats:3"); };
  CHECK(last(session) != last(owner));
  auto bob = world.owner("@bob");
  world.say(bob, "update:@alice:a.lab.sshnp@bob 1");
  world.say(bob, "update:@alice:a.other@bob 1");
  CHECK(world.say(session, "scan:@bob") == "data:[\"a.lab.sshnp@bob\"]\n@alice@");
}

TEST_CASE("notifications are shown to enrolments that may read their keys",
          "[atserver][session][access][hostile]") {
  World world;
  auto bob = world.owner("@bob");
  auto session = enrolled(world, "e1", R"({"sshnp":"r"})");
  const auto send = [&](const std::string& what) {
    const auto answer = world.say(bob, what);
    REQUIRE(answer.starts_with("data:"));
    return answer.substr(5, answer.find('\n') - 5);
  };
  const auto mine = send("notify:@alice:a.sshnp@bob:1");
  const auto other = send("notify:@alice:a.other@bob:1");
  send("notify:messageType:text:@alice:hello");
  const auto listed = world.say(session, "notify:list");
  CHECK(listed.find("a.sshnp@bob") != std::string::npos);
  CHECK(listed.find("a.other@bob") == std::string::npos);
  CHECK(listed.find("hello") == std::string::npos);
  CHECK(listed.find("__manage") == std::string::npos);
  CHECK(world.say(session, "notify:fetch:" + other) ==
        denied("fetch notify", "@alice:a.other@bob"));
  CHECK(world.say(session, "notify:status:" + other).starts_with("error:AT0009-"));
  CHECK(world.say(session, "notify:remove:" + mine).starts_with("error:AT0009-"));
  CHECK(world.say(session, "notify:fetch:e1").starts_with("error:AT0009-"));
  CHECK(world.say(session, "notify:fetch:" + mine).starts_with("data:"));
  world.take(session, "monitor");
  std::vector<std::string> seen;
  for (const auto& arrival : world.arrived) {
    if (session.monitor()->wants(arrival)) seen.push_back(arrival.key);
  }
  CHECK(seen == std::vector<std::string>{"@alice:a.sshnp@bob"});
}

TEST_CASE("an enrolment with every namespace sees texts too", "[atserver][session][access]") {
  World world;
  auto bob = world.owner("@bob");
  auto session = enrolled(world, "e1", R"({"*":"rw"})");
  world.say(bob, "notify:messageType:text:@alice:hello");
  world.take(session, "monitor");
  CHECK(session.monitor()->wants(world.arrived.back()));
  CHECK_FALSE(session.monitor()->has_ended(world.now));
}
