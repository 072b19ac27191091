// SPDX-License-Identifier: BSD-3-Clause
// The conversations of atprotocol-wire.md 8, byte for byte.
#include <utility>

#include "world.hpp"

using namespace noports;
using test::vector_of;
using test::World;

namespace {

const std::string kCh1Uuid = "8a1e5c7e-2b9d-4f6a-8c3e-5d7f9b1a2c4e";
const std::string kSid1 = "_4c3d3e2c-6f3a-4d0e-9a58-0f2d7c1b9e11";
const std::string kCh2Uuid = "1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b";
const std::string kSid2 = "_9b2f1d70-53c4-4e8f-b1a6-7c8d9e0f1a2b";

using Rows = std::vector<std::pair<std::string, std::string>>;

void follow(World& world, atserver::Session& session, const Rows& rows) {
  for (const auto& [said, answered] : rows) {
    CAPTURE(said);
    CHECK(world.say(session, said) == answered);
  }
}

}  // namespace

// atprotocol-wire.md 8.1
TEST_CASE("CRAM authentication", "[atserver][session][vectors]") {
  World world;
  auto session = world.session("@alice", kSid1);
  world.uuids = {kCh1Uuid};
  CHECK(atserver::Session::kGreeting == "@");
  follow(world, session,
         {{"from:@alice", "data:" + vector_of("ch1") + "\n@"},
          {"cram:" + vector_of("cram1"), "data:success\n@alice@"}});
  CHECK(session.is_authenticated());
}

// atprotocol-wire.md 8.2
TEST_CASE("PKAM with text errors, then success on the same connection",
          "[atserver][session][vectors]") {
  World world;
  world.put("@alice", "privatekey:at_pkam_publickey", vector_of("k1Public"));
  auto session = world.session("@alice", kSid2);
  world.uuids = {"unused", kCh2Uuid};
  follow(world, session,
         {{"llookup:shared_key.bob@alice",
           "error:AT0401-Exception: Command cannot be executed without auth\n@"},
          {"from:@alice", "data:" + vector_of("ch2") + "\n@"},
          {"pkam:signingAlgo:rsa2048:hashingAlgo:sha256:AAAA",
           "error:AT0401-Exception: pkam authentication failed\n@"},
          {"pkam:signingAlgo:rsa2048:hashingAlgo:sha256:" + vector_of("sig256"),
           "data:success\n@alice@"},
          {"llookup:shared_key.bob@alice",
           "error:AT0015-key not found : shared_key.bob@alice does not exist in keystore\n@alice@"},
          {"noop:0", "data:ok\n@alice@"},
          {"hello", "error:AT0003-Invalid syntax : invalid command\n@alice@"}});
}

// atprotocol-wire.md 8.3
TEST_CASE("PKAM with JSON errors and an enrollment id", "[atserver][session][vectors]") {
  World world;
  const std::string id = "86c16cf2-2c4a-4a2f-9e2e-6a8f2c1d3e4f";
  const auto enrollment = [&](const std::string& state) {
    return R"({"namespaces":{"sshnp":"rw","sshrvd":"rw"},"apkamPublicKey":")" +
           vector_of("k1Public") + R"(","approval":{"state":")" + state + "\"}}";
  };
  const auto key = id + ".new.enrollments.__manage@alice";
  world.put("@alice", key, enrollment("pending"));
  auto session = world.session("@alice", kSid2);
  world.uuids = {kCh2Uuid};
  const auto pkam =
      "pkam:signingAlgo:rsa2048:hashingAlgo:sha256:enrollmentId:" + id + ":" + vector_of("sig256");
  follow(
      world, session,
      {{R"(from:@alice:clientConfig:{"version":"3.3.0","clientId":"0b6c9a52-7a44-4a06-9f0e-5b8f1c2d3e4f"})",
        "data:" + vector_of("ch2") + "\n@"},
       {pkam, "error:AT0026:enrollment_id: " + id + " is pending\n@"}});
  world.put("@alice", key, enrollment("approved"));
  follow(
      world, session,
      {{pkam, "data:success\n@alice@"},
       {"llookup:nokey.sshnp@alice",
        R"(error:{"errorCode":"AT0015","errorDescription":"key not found : nokey.sshnp@alice does not exist in keystore"})"
        "\n@alice@"}});
}

// atprotocol-wire.md 8.4: the C client, lines in CR LF
TEST_CASE("what the C client does", "[atserver][session][vectors]") {
  World world;
  world.put("@alice", "privatekey:at_pkam_publickey", vector_of("k1Public"));
  auto session = world.session("@alice", kSid2);
  world.uuids = {"unused", kCh2Uuid};
  follow(world, session,
         {{"\r", "error:AT0003-Exception: invalid command\n@"},
          {"from:alice\r", "data:" + vector_of("ch2") + "\n@"},
          {"pkam:" + vector_of("sig256") + "\r", "data:success\n@alice@"}});
  const auto monitor = world.take(session, "monitor mydevice.sshnp@\r");
  CHECK(monitor.answer.empty());
  CHECK(monitor.monitor);
  follow(world, session, {{"noop:0\r", "data:ok\n"}});
}

// atprotocol-wire.md 8.6
TEST_CASE("shared keys, an update, and the look-up by the recipient",
          "[atserver][session][vectors]") {
  World world;
  const auto ske = vector_of("ske"), iv = vector_of("iv"), ct = vector_of("ct");
  world.put("@bob", "public:publickey@bob", vector_of("k1Public"));
  auto alice = world.owner("@alice");
  for (int used = 0; used < 7; ++used)
    world.say(alice, "delete:x" + std::to_string(used) + "@alice");
  follow(world, alice,
         {{"plookup:publickey@bob", "data:" + vector_of("k1Public") + "\n@alice@"},
          {"llookup:shared_key.bob@alice",
           "error:AT0015-key not found : shared_key.bob@alice does not exist in keystore\n@alice@"},
          {"update:shared_key.bob@alice " + ske, "data:7\n@alice@"},
          {"update:@bob:shared_key@alice " + ske, "data:8\n@alice@"},
          {"update:isEncrypted:true:ivNonce:" + iv + ":@bob:phone.demo@alice " + ct,
           "data:9\n@alice@"}});
  auto bob = world.owner("@bob");
  follow(
      world, bob,
      {{"lookup:bypassCache:true:all:phone.demo@alice",
        R"(data:{"data":")" + ct +
            R"(","metaData":{"createdBy":"@alice","updatedBy":"@alice","createdAt":"2024-10-01 09:00:00.123Z",)"
            R"("updatedAt":"2024-10-01 09:00:00.123Z","status":"active","version":0,"isBinary":false,)"
            R"("isEncrypted":true,"ivNonce":")" +
            iv +
            R"("},"key":"@bob:phone.demo@alice"})"
            "\n@bob@"},
       {"lookup:shared_key@alice", "data:" + ske + "\n@bob@"},
       {"lookup:all:nokey.demo@alice",
        "error:AT0015-key not found : Exception: @bob:nokey.demo@alice does not exist in "
        "keystore\n@bob@"}});
}

// atprotocol-wire.md 8.7, with the prompt left out behind the heartbeat on a monitor (1.5)
TEST_CASE("notify and monitor", "[atserver][session][vectors]") {
  World world;
  const std::string id = "1f3c0a52-7a44-4a06-9f0e-5b8f1c2d3e4f";
  auto alice = world.owner("@alice");
  auto bob = world.owner("@bob");
  const auto monitor = world.take(bob, "monitor:selfNotifications:1727773200000");
  CHECK(monitor.answer.empty());
  REQUIRE(bob.monitor());
  CHECK(bob.monitor()->since == 1727773200000);
  world.now = 1727773260123;
  follow(world, alice,
         {{"notify:id:" + id +
               ":update:messageType:key:priority:low:strategy:all:latestN:1:notifier:SYSTEM:"
               "ttln:60000:isEncrypted:true:ivNonce:" +
               vector_of("iv") + ":@bob:request.mydev.sshnp@alice:" + vector_of("ct"),
           "data:" + id + "\n@alice@"},
          {"notify:status:" + id, "data:delivered\n@alice@"}});
  const auto pushed = world.pushed("@bob");
  REQUIRE(pushed.size() == 1);
  CHECK(pushed[0].starts_with(
      R"(notification: {"id":")" + id +
      R"(","from":"@alice","to":"@bob","key":"@bob:request.mydev.sshnp@alice","value":")" +
      vector_of("ct") +
      R"(","operation":"update","epochMillis":1727773260123,"messageType":"MessageType.key",)"
      R"("isEncrypted":true,"metadata":{"encKeyName":null,"encAlgo":null,"ivNonce":")" +
      vector_of("iv") + R"(","skeEncKeyName":null,"skeEncAlgo":null,"sharedKeyEnc":null)"));
  CHECK(pushed[0].ends_with("}}\n"));
  CHECK(bob.monitor()->wants(world.arrived[0]));
  follow(world, bob, {{"noop:0", "data:ok\n"}});
}

// atprotocol-wire.md 8.8, the first application
TEST_CASE("the first application enrols on the CRAM connection", "[atserver][session][vectors]") {
  World world;
  auto session = world.session("@alice", kSid1);
  world.uuids = {kCh1Uuid, "u-cram", "e7"};
  follow(world, session,
         {{"from:@alice", "data:" + vector_of("ch1") + "\n@"},
          {"cram:" + vector_of("cram1"), "data:success\n@alice@"},
          {R"(enroll:request:{"appName":"firstApp","deviceName":"firstDevice","apkamPublicKey":")" +
               vector_of("k1Public") + R"("})",
           R"(data:{"enrollmentId":"e7","status":"approved"})"
           "\n@alice@"}});
  // keys-and-enrollment.md 3.5
  CHECK(world.value("@alice", "privatekey:at_pkam_publickey") == vector_of("k1Public"));
  CHECK(world.value("@alice", "e7.default_enc_private_key.__manage@alice") == R"({"value":null})");
  CHECK(world.value("@alice", "e7.default_self_enc_key.__manage@alice") == R"({"value":null})");
  auto again = world.session("@alice", kSid2);
  world.uuids = {kCh2Uuid};
  follow(
      world, again,
      {{"from:@alice", "data:" + vector_of("ch2") + "\n@"},
       {"pkam:signingAlgo:rsa2048:hashingAlgo:sha512:enrollmentId:e7:" + vector_of("sig512"),
        "data:success\n@alice@"},
       {"update:isEncrypted:false:public:publickey@alice " + vector_of("k1Public"),
        "data:0\n@alice@"},
       {"delete:privatekey:at_secret", "data:-1\n@alice@"},
       {"llookup:meta:public:publickey@alice",
        R"(data:{"createdBy":"@alice","updatedBy":"@alice","createdAt":"2024-10-01 09:00:00.123Z",)"
        R"("updatedAt":"2024-10-01 09:00:00.123Z","status":"active","version":0,"isBinary":false,)"
        R"("isEncrypted":false})"
        "\n@alice@"}});
  CHECK_FALSE(world.value("@alice", "privatekey:at_secret"));
  CHECK(world.value("@alice", "privatekey:at_secret_deleted") == "true");
}

// atprotocol-wire.md 8.9; this platform has no signing keys, which serve pol alone
TEST_CASE("scan shows each asker its own", "[atserver][session][vectors]") {
  World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:public:publickey@alice K");
  world.say(alice, "update:public:__hidden@alice h");
  world.say(alice, "update:_hidden.x@alice h");
  world.say(alice, "update:shared_key.bob@alice K");
  world.say(alice, "update:@bob:shared_key@alice K");
  world.say(alice, "update:@bob:phone.demo@alice 1");
  auto bob = world.owner("@bob");
  auto anonymous = world.session("@alice");
  follow(world, anonymous,
         {{"scan", "data:[\"publickey@alice\"]\n@"},
          {"scan:@bob",
           "error:AT0401-Exception: Scan to another atSign cannot be performed without auth\n@"}});
  follow(
      world, alice,
      {{"scan",
        R"(data:["public:publickey@alice","shared_key.bob@alice","@bob:shared_key@alice","@bob:phone.demo@alice"])"
        "\n@alice@"},
       {"scan:@alice demo@", "data:[\"@bob:phone.demo@alice\"]\n@alice@"},
       {"scan demo@", "data:[\"@bob:phone.demo@alice\"]\n@alice@"},
       {"scan:showHidden:true hidden",
        "data:[\"public:__hidden@alice\",\"_hidden.x@alice\"]\n@alice@"}});
  follow(world, bob,
         {{"scan:@alice device_info\\.", "data:[]\n@bob@"},
          {"scan:@alice", "data:[\"shared_key@alice\",\"phone.demo@alice\"]\n@bob@"},
          // The expression sees the whole key (3.6).
          {"scan:@alice ^@bob", "data:[\"shared_key@alice\",\"phone.demo@alice\"]\n@bob@"}});
}
