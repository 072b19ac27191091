// SPDX-License-Identifier: BSD-3-Clause
// What is done to enrolments, who may do it, and what each state answers.
#include "enrolling.hpp"
#include "noports/crypto/digest.hpp"

using namespace noports;
using namespace noports::test;

TEST_CASE("each operation asks for its state", "[atserver][session][enrolment]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  const auto failed = [](const std::string& text) {
    return kAt11 + "Failed to " + text + "\n@alice@";
  };
  CHECK(world.say(owner, with_id("revoke", "e1")) ==
        failed("revoke enrollment id: e1. Cannot revoke a pending enrollment. Only approved "
               "enrollments can be revoked"));
  CHECK(world.say(owner, with_id("unrevoke", "e1")) ==
        failed("unrevoke enrollment id: e1. Cannot un-revoke a pending enrollment. Only revoked "
               "enrollments can be un-revoked"));
  CHECK(world.say(owner, with_id("delete", "e1")) ==
        failed("delete enrollment id: e1 | Cause: Cannot delete pending enrollments. Only denied "
               "and revoked enrollments can be deleted"));
  CHECK(world.say(owner, with_id("deny", "e1")) ==
        "data:{\"status\":\"denied\",\"enrollmentId\":\"e1\"}\n@alice@");
  CHECK(world.say(owner, approve_line("e1")) ==
        failed("approve enrollment id: e1. Cannot approve a denied enrollment. Only pending "
               "enrollments can be approved"));
  auto session = world.session("@alice");
  CHECK(pkam_with(world, session, "e1") == "error:AT0025:enrollment_id: e1 is denied\n@");
  CHECK(world.say(owner, with_id("delete", "e1")) ==
        "data:{\"enrollmentId\":\"e1\",\"status\":\"deleted\"}\n@alice@");
  CHECK(pkam_with(world, session, "e1") ==
        "error:AT0028:enrollment_id: e1 is expired or invalid\n@");
}

TEST_CASE("an approved enrolment cannot be denied", "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  world.say(owner, approve_line("e1"));
  CHECK(world.say(owner, with_id("deny", "e1")) ==
        kAt11 +
            "Failed to deny enrollment id: e1. Cannot deny a approved enrollment. Only pending "
            "enrollments can be denied\n@alice@");
}

TEST_CASE("a revoked enrolment does not log in until it is unrevoked",
          "[atserver][session][enrolment]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  world.say(owner, approve_line("e1"));
  const auto outcome = world.take(owner, with_id("revoke", "e1"));
  CHECK(outcome.answer == "data:{\"status\":\"revoked\",\"enrollmentId\":\"e1\"}\n@alice@");
  CHECK(outcome.ended == std::vector<std::string>{"e1"});
  auto session = world.session("@alice");
  CHECK(pkam_with(world, session, "e1") == "error:AT0027:enrollment_id: e1 is revoked\n@");
  CHECK(world.say(owner, with_id("unrevoke", "e1")) ==
        "data:{\"status\":\"approved\",\"enrollmentId\":\"e1\"}\n@alice@");
  CHECK(pkam_with(world, session, "e1") == "data:success\n@alice@");
  world.say(owner, with_id("revoke", "e1"));
  CHECK(world.say(owner, with_id("delete", "e1")).starts_with("data:"));
  CHECK_FALSE(world.value("@alice", "e1.default_enc_private_key.__manage@alice"));
  CHECK_FALSE(world.value("@alice", "public:sshnp.laptop-e1.pkam.__pkams.__public_keys@alice"));
}

TEST_CASE("a connection whose enrolment has ended is closed without a word",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  world.say(owner, approve_line("e1"));
  auto session = world.session("@alice");
  world.login(session, "e1");
  CHECK(world.say(session, "noop:0") == "data:ok\n@alice@");
  world.say(owner, with_id("revoke", "e1"));
  const auto outcome = world.take(session, "noop:0");
  CHECK(outcome.answer.empty());
  CHECK(outcome.close);
  CHECK_FALSE(session.is_authenticated());
}

TEST_CASE("its own enrolment is revoked by force only", "[atserver][session][enrolment]") {
  World world;
  auto owner = owner_with_request(world, "e1", R"({"__manage":"rw"})");
  world.say(owner, approve_line("e1"));
  auto session = world.session("@alice");
  world.login(session, "e1");
  CHECK(world.say(session, with_id("revoke", "e1")) ==
        "error:AT0031-Cannot revoke self enrollment : Current client cannot revoke its own "
        "enrollment\n@alice@");
  const auto outcome = world.take(session, R"(enroll:revoke:force:{"enrollmentId":"e1"})");
  CHECK(outcome.answer ==
        R"(data:{"status":"revoked","enrollmentId":"e1",)"
        R"("message":"Enrollment is revoked. Closing the connection in 10 seconds"})"
        "\n@alice@");
  CHECK(outcome.close);
}

TEST_CASE("requests that nobody decides expire after two days", "[atserver][session][enrolment]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  world.now += 48LL * 60 * 60 * 1000;
  auto session = world.session("@alice");
  const std::string gone = "error:AT0028:enrollment_id: e1 is expired or invalid\n@";
  CHECK(pkam_with(world, session, "e1") == gone);
  for (const auto& line : {approve_line("e1"), with_id("deny", "e1"), with_id("revoke", "e1"),
                           with_id("unrevoke", "e1"), with_id("delete", "e1")}) {
    CHECK(world.say(owner, line) == gone.substr(0, gone.size() - 1) + "@alice@");
  }
  CHECK(world.say(owner, R"(enroll:list:{"enrollmentStatusFilter":["expired"]})")
            .find("\"status\":\"expired\"") != std::string::npos);
  CHECK(world.say(owner, R"(enroll:list:{"enrollmentStatusFilter":["pending,approved"]})") ==
        "data:{}\n@alice@");
}

TEST_CASE("the keys of an enrolment end when it was asked for", "[atserver][session][enrolment]") {
  World world;
  auto owner = world.owner("@alice");
  world.uuids = {"e1"};
  world.say(owner,
            R"(enroll:request:{"appName":"a","deviceName":"d","apkamKeysExpiryInMillis":5000,)"
            R"("namespaces":{"sshnp":"rw"},"apkamPublicKey":")" +
                vector_of("k1Public") + "\"}");
  world.now += 10'000;
  world.say(owner, approve_line("e1"));
  auto session = world.session("@alice");
  world.login(session, "e1");
  world.now += 4'999;
  CHECK(world.say(session, "noop:0") == "data:ok\n@alice@");
  world.now += 1;
  const auto outcome = world.take(session, "noop:0");
  CHECK(outcome.close);
  CHECK(outcome.answer.empty());
  CHECK(pkam_with(world, session, "e1") ==
        "error:AT0028:enrollment_id: e1 is expired or invalid\n@");
}

TEST_CASE("ids that name no enrolment have the answers of their operations",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  const auto* id = GENERATE("nobody", "a.b", "a:b", "@alice", "public:x", "\xc3\xa9 ", ".");
  CAPTURE(id);
  CHECK(world.say(owner, with_id("fetch", id)).starts_with("error:AT0015-key not found : "));
  CHECK(world.say(owner, with_id("delete", id)).starts_with("error:AT0015-key not found : "));
  for (const auto& line :
       {approve_line(id), with_id("deny", id), with_id("revoke", id), with_id("unrevoke", id)}) {
    CHECK(world.say(owner, line).starts_with("error:AT0028:enrollment_id: "));
  }
  CHECK(world.say(owner, "enroll:deny:{}") ==
        kAt11 + "enrollmentId is mandatory for enroll:deny\n@alice@");
  CHECK(world.say(owner, with_id("approve", id)) ==
        kAt11 + "encryptedDefaultEncryptionPrivateKey is mandatory for enroll:approve\n@alice@");
}

TEST_CASE("who does not manage enrolments sees its own and decides about none",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  world.say(owner, approve_line("e1"));
  owner_with_request(world, "e2");
  auto session = world.session("@alice");
  world.login(session, "e1");
  const auto listed = world.say(session, R"(enroll:list:{"enrollmentStatusFilter":["pending"]})");
  CHECK(listed.find("e1.new.enrollments") != std::string::npos);
  CHECK(listed.find("e2.new.enrollments") == std::string::npos);
  CHECK(world.say(session, with_id("fetch", "e1")).starts_with("data:"));
  CHECK(world.say(session, approve_line("e2")) ==
        kAt11 +
            "Failed to approve enrollment id: e2. The approving enrollment does not have access to "
            "\"__manage\" namespace\n@alice@");
  for (const auto* operation : {"deny", "revoke", "unrevoke", "delete", "fetch"}) {
    CAPTURE(operation);
    CHECK(world.say(session, with_id(operation, "e2")).starts_with(kAt11 + "Failed to "));
  }
  CHECK(world.say(session, "otp:put:A1B2C3") ==
        kAt11 + "Client not allowed to not store semi permanent pass code\n@alice@");
  CHECK(world.say(session, "otp:get").starts_with("data:"));
}

TEST_CASE("nobody approves more than it may itself", "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = owner_with_request(world, "e1", R"({"__manage":"rw","sshnp":"r"})");
  world.say(owner, approve_line("e1"));
  auto manager = world.session("@alice");
  world.login(manager, "e1");
  const std::string lacks =
      "Client is not authorized for namespaces in the enrollment request\n@alice@";
  int next = 10;
  for (const auto* asked : {R"({"sshnp":"rw"})", R"({"other":"r"})", R"({"*":"r"})",
                            R"({"sshnp":"r","other":"r"})", R"({"np":"r"})"}) {
    CAPTURE(asked);
    const auto id = "e" + std::to_string(++next);
    owner_with_request(world, id, asked);
    CHECK(world.say(manager, approve_line(id)) ==
          kAt11 + "Failed to approve enrollment id: " + id + ". " + lacks);
  }
  for (const auto* asked : {R"({"sshnp":"r"})", R"({"lab.sshnp":"r"})", R"({"__manage":"rw"})"}) {
    CAPTURE(asked);
    const auto id = "e" + std::to_string(++next);
    owner_with_request(world, id, asked);
    CHECK(world.say(manager, approve_line(id)).starts_with("data:"));
  }
}

TEST_CASE("only monitors that asked for it and may manage see requests",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  world.say(owner, approve_line("e1"));
  const auto request = world.arrived.back();
  const auto sees = [&](atserver::Session& session, const std::string& monitor) {
    world.take(session, monitor);
    return session.monitor()->wants(request);
  };
  CHECK(sees(owner, "monitor:selfNotifications"));
  CHECK(sees(owner, "monitor:selfNotifications .*\\.new\\.enrollments\\.__manage"));
  CHECK_FALSE(sees(owner, "monitor"));
  auto restricted = world.session("@alice");
  world.login(restricted, "e1");
  CHECK_FALSE(sees(restricted, "monitor:selfNotifications"));
}

TEST_CASE("keys are read by the enrolment whose they are",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  world.say(owner, approve_line("e1"));
  owner_with_request(world, "e2");
  world.say(owner, approve_line("e2"));
  auto one = world.session("@alice"), two = world.session("@alice");
  world.login(one, "e1");
  world.login(two, "e2");
  for (const auto* key :
       {"e2.default_enc_private_key.__manage@alice", "e1.new.enrollments.__manage@alice",
        "private:spp.__otp@alice", "privatekey:at_secret", "privatekey:at_pkam_publickey"}) {
    CAPTURE(key);
    CHECK(world.say(one, "keys:get:keyName:" + std::string(key)) ==
          "error:AT0015-key not found : key " + std::string(key) +
              " not found in keystore\n@alice@");
    CHECK(world.say(one, "keys:delete:keyName:" + std::string(key)) == "data:null\n@alice@");
  }
  CHECK(world.value("@alice", "privatekey:at_secret"));
  CHECK(world.say(owner, "keys:get:self") ==
        kAt11 + "Keys verb cannot be accessed without an enrollmentId\n@alice@");
  const std::string put = "keys:put:self:namespace:sshnp:appName:a:deviceName:d:keyType:aes256";
  CHECK(world.say(one, put + ":keyName:k1 secret") == "data:-1\n@alice@");
  const std::string key = "a.d.k1.__self_keys.sshnp@alice";
  CHECK(world.say(one, "keys:get:self") == "data:[\"" + key + "\"]\n@alice@");
  CHECK(world.say(two, "keys:get:self") == "data:[]\n@alice@");
  CHECK(world.say(one, "keys:get:private") == "data:[]\n@alice@");
  CHECK(world.say(one, "keys:get:keyName:" + key) ==
        R"(data:{"value":"secret","keyType":"aes256","enrollmentId":"e1","encryptionKeyName":null})"
        "\n@alice@");
  CHECK(world.say(two, "keys:get:keyName:" + key).starts_with("error:AT0015-"));
  CHECK(world.say(two, put + ":keyName:k1 mine") ==
        "error:AT0009-UnAuthorized client in request : Connection with enrollment ID e2 is not "
        "authorized to keys key: " +
            key + "\n@alice@");
  CHECK(world.say(one, "keys:put:self:namespace:other:appName:a:deviceName:d:keyName:k v")
            .starts_with("error:AT0009-"));
  CHECK(world.say(one, "keys:put:self:keyName:k v").starts_with("error:AT0003-"));
  // The whole key has 248 bytes at most, which the pieces alone do not.
  CHECK(world.say(one, put + ":keyName:" + std::string(225, 'k') + " v")
            .starts_with("error:AT0003-"));
  CHECK(world.say(one, "keys:delete:keyName:" + key) == "data:-1\n@alice@");
  CHECK(world.say(one, "keys:get:self") == "data:[]\n@alice@");
}

// keys-and-enrollment.md 2.7
TEST_CASE("a secure element logs in with its key", "[atserver][session][enrolment][vectors]") {
  World world;
  const auto all = vectors("auth.json").at("pkamEcc");
  const auto of = [&](const char* name) { return all.at(name).get<std::string>(); };
  const std::string id = "3f1c6b1e-2a52-4a0e-9f4b-6d7c8e9f0a1b";
  world.put("@alice", id + ".new.enrollments.__manage@alice",
            R"({"apkamPublicKey":")" + of("publicKeyHex") +
                R"(","namespaces":{"sshnp":"rw"},"approval":{"state":"approved"}})");
  const auto challenge = of("challenge");
  auto session = world.session("@alice", challenge.substr(0, challenge.find('@')));
  const auto uuid = challenge.substr(challenge.find(':') + 1);
  world.uuids = {uuid};
  REQUIRE(world.say(session, "from:@alice") == "data:" + challenge + "\n@");
  auto other = of("command");
  other.replace(other.size() - 8, 4, "AAAA");
  CHECK(world.say(session, other) == "error:AT0401-Exception: pkam authentication failed\n@");
  world.uuids = {uuid};
  world.say(session, "from:@alice");
  CHECK(world.say(session, of("command")) == "data:success\n@alice@");
}

TEST_CASE("the key of a revoked first enrolment does not log in without its id either",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto first = world.session("@alice");
  const auto asked = world.say(first, "from:@alice");
  const auto challenge = asked.substr(5, asked.find('\n') - 5);
  world.say(first, "cram:" + crypto::cram_digest(vector_of("cramSecret"), challenge));
  world.uuids = {"e1"};
  REQUIRE(world
              .say(first, R"(enroll:request:{"appName":"a","deviceName":"d","apkamPublicKey":")" +
                              vector_of("k1Public") + "\"}")
              .starts_with("data:"));
  auto session = world.session("@alice");
  world.login(session);
  REQUIRE(world.say(session, with_id("revoke", "e1")).starts_with("data:"));
  auto again = world.session("@alice");
  world.say(again, "from:@alice");
  CHECK(world.say(again, "pkam:AAAA") ==
        "error:AT0015-Exception: privatekey:at_pkam_publickey does not exist in keystore\n@");
}

TEST_CASE("an owner who logs in where an expiring enrolment was monitors for ever",
          "[atserver][session][enrolment]") {
  World world;
  auto owner = world.owner("@alice");
  world.uuids = {"e1"};
  world.say(owner,
            R"(enroll:request:{"appName":"a","deviceName":"d","apkamKeysExpiryInMillis":5000,)"
            R"("namespaces":{"sshnp":"rw"},"apkamPublicKey":")" +
                vector_of("k1Public") + "\"}");
  world.say(owner, approve_line("e1"));
  auto session = world.session("@alice");
  world.login(session, "e1");
  REQUIRE(world.say(session, "noop:0") == "data:ok\n@alice@");
  world.login(session);
  world.take(session, "monitor");
  REQUIRE(session.monitor());
  CHECK_FALSE(session.monitor()->has_ended(world.now + 5'000));
  CHECK_FALSE(session.monitor()->grant);
}

TEST_CASE("operations that only newer servers have are refused, and the connection stays",
          "[atserver][session][enrolment]") {
  World world;
  auto owner = world.owner("@alice");
  for (const auto* line : {"enroll:listns", "enroll:update:{\"enrollmentId\":\"e1\"}"}) {
    const auto outcome = world.take(owner, line);
    CHECK(outcome.answer ==
          "error:AT0003-Invalid syntax : invalid command: not supported by this server\n@alice@");
    CHECK_FALSE(outcome.close);
  }
}
