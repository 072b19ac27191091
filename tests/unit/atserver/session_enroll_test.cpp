// SPDX-License-Identifier: BSD-3-Clause
// Asking for an enrolment: passcodes, requests, approval, and the keys at the end.
#include "enrolling.hpp"

using namespace noports;
using namespace noports::test;

// atprotocol-wire.md 8.8
TEST_CASE("enrolment from the request to the keys, byte for byte",
          "[atserver][session][enrolment][vectors]") {
  World world;
  auto owner = world.owner("@alice");
  CHECK(world.say(owner, "otp:put:A1B2C3") == "data:ok\n@alice@");
  auto fresh = world.session("@alice", "_new");
  world.uuids = {kId};
  CHECK(world.say(fresh, request_line("A1B2C3")) ==
        "data:{\"enrollmentId\":\"" + kId + "\",\"status\":\"pending\"}\n@");

  const auto name = kId + ".new.enrollments.__manage@alice";
  REQUIRE(world.pushed("@alice").size() == 1);
  CHECK(world.pushed("@alice")[0] ==
        R"(notification: {"id":")" + kId + R"(","from":"@alice","to":"@alice","key":")" + name +
            R"(","value":"{\"encryptedApkamSymmetricKey\":\"d3JhcHBlZA==\",)"
            R"(\"encryptedAPKAMSymmetricKey\":\"d3JhcHBlZA==\",\"appName\":\"sshnp\",)"
            R"(\"deviceName\":\"laptop\",\"namespace\":{\"sshnp\":\"rw\",\"sshrvd\":\"rw\"}}",)"
            R"("operation":"update","epochMillis":1727773200123,"messageType":"MessageType.key",)"
            R"("isEncrypted":false,"metadata":{"encKeyName":null,"encAlgo":null,"ivNonce":null,)"
            R"("skeEncKeyName":null,"skeEncAlgo":null,"sharedKeyEnc":null}})"
            "\n");

  const std::string shown =
      R"({"appName":"sshnp","deviceName":"laptop","namespace":{"sshnp":"rw","sshrvd":"rw"},)"
      R"("encryptedAPKAMSymmetricKey":"d3JhcHBlZA==","status":)";
  CHECK(world.say(owner, R"(enroll:list:{"enrollmentStatusFilter":["pending"]})") ==
        "data:{\"" + name + "\":" + shown + "\"pending\"}}\n@alice@");
  CHECK(world.say(owner, with_id("fetch", kId)) == "data:" + shown + "\"pending\"}\n@alice@");
  CHECK(pkam_with(world, fresh, kId) == "error:AT0026:enrollment_id: " + kId + " is pending\n@");
  CHECK(world.say(owner, approve_line(kId)) ==
        "data:{\"status\":\"approved\",\"enrollmentId\":\"" + kId + "\"}\n@alice@");
  CHECK(pkam_with(world, fresh, kId) == "data:success\n@alice@");
  CHECK(world.say(fresh, "keys:get:keyName:" + kId + ".default_enc_private_key.__manage@alice") ==
        "data:{\"value\":\"cHJpdmF0ZQ==\"}\n@alice@");
  CHECK(world.say(fresh, "keys:get:keyName:" + kId + ".default_self_enc_key.__manage@alice") ==
        "data:{\"value\":\"c2VsZg==\"}\n@alice@");
  CHECK(world.value("@alice", "public:sshnp.laptop.pkam.__pkams.__public_keys@alice") ==
        R"({"apkamPublicKey":")" + vector_of("k1Public") + "\"}");
}

TEST_CASE("the keys of an approval keep their IVs", "[atserver][session][enrolment]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  world.say(owner,
            R"(enroll:approve:{"enrollmentId":"e1","encryptedDefaultEncryptionPrivateKey":"cA==",)"
            R"("encPrivateKeyIV":"aXY=","encryptedDefaultSelfEncryptionKey":"cw==",)"
            R"("selfEncKeyIV":"aXYy"})");
  auto fresh = world.session("@alice");
  world.login(fresh, "e1");
  CHECK(world.say(fresh, "keys:get:keyName:e1.default_enc_private_key.__manage@alice") ==
        "data:{\"value\":\"cA==\",\"iv\":\"aXY=\"}\n@alice@");
  CHECK(world.say(fresh, "keys:get:keyName:e1.default_self_enc_key.__manage@alice") ==
        "data:{\"value\":\"cw==\",\"iv\":\"aXYy\"}\n@alice@");
}

TEST_CASE("a one-time passcode lets one request in, within five minutes",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  const auto get = [&](const std::string& line) {
    const auto answer = world.say(owner, line);
    REQUIRE(answer.starts_with("data:"));
    return answer.substr(5, answer.find('\n') - 5);
  };
  const auto passcode = get("otp:get");
  CHECK(passcode.size() == 8);
  CHECK(passcode.find_first_not_of("123456789ABCDEFGHIJKLMNPQRSTUVWXYZ") == passcode.npos);
  CHECK(passcode.find_first_of("123456789") != passcode.npos);
  CHECK(get("otp:get") != passcode);
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, request_line(passcode, "one")).starts_with("data:"));
  CHECK(world.say(stranger, request_line(passcode, "two")) ==
        "error:AT0011-Exception: invalid otp. Cannot process enroll request\n@");
  auto late = get("otp:get");
  world.now += 5 * 60 * 1000;
  CHECK(world.say(stranger, request_line(late, "two")).starts_with("error:AT0011-"));
  late = get("otp:get:ttl:1000");
  world.now += 999;
  CHECK(world.say(stranger, request_line(late, "two")).starts_with("data:"));
  CHECK(world.say(stranger, request_line("", "three")).starts_with("error:AT0011-"));
}

TEST_CASE("a request with a mistake does not use its passcode up",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  const auto answer = world.say(owner, "otp:get");
  const auto passcode = answer.substr(5, 8);
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, request_line(passcode, "x", "{}")) ==
        "error:AT0011-Exception: At least one namespace must be specified for new client "
        "enroll:request\n@");
  CHECK(world.say(stranger, request_line(passcode, "laptop-e1")) ==
        "error:AT0011-Exception: Another enrollment with id e1 exists with the app name: sshnp and "
        "device name: laptop-e1 in pending state\n@");
  CHECK(world.say(stranger, request_line(passcode, "other")).starts_with("data:"));
}

TEST_CASE("the semi-permanent passcode is for many, in any case of letters, until it is replaced",
          "[atserver][session][enrolment]") {
  World world;
  auto owner = world.owner("@alice");
  CHECK(world.say(owner, "otp:put:Secret_1") == "data:ok\n@alice@");
  auto one = world.session("@alice");
  CHECK(world.say(one, request_line("secret_1", "one")).starts_with("data:"));
  CHECK(world.say(one, request_line("SECRET_1", "two")).starts_with("data:"));
  CHECK(world.say(owner, "otp:put:other_1:ttl:1000") == "data:ok\n@alice@");
  CHECK(world.say(one, request_line("Secret_1", "three")).starts_with("error:AT0011-"));
  CHECK(world.say(one, request_line("other_1", "three")).starts_with("data:"));
  world.now += 1000;
  CHECK(world.say(one, request_line("other_1", "four")).starts_with("error:AT0011-"));
}

TEST_CASE("names of the server's own records are no passcodes",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  world.say(owner, "otp:put:Secret_1");
  const auto* guess = GENERATE("spp", "SPP", "_sid", "spp.__otp", "", " ", "private:spp");
  CAPTURE(guess);
  auto stranger = world.session("@alice", "_sid");
  world.say(stranger, "from:@alice");
  CHECK(world.say(stranger, request_line(guess)) ==
        "error:AT0011-Exception: invalid otp. Cannot process enroll request\n@");
  CHECK(world.say(stranger, request_line("Secret_1")).starts_with("data:"));
}

TEST_CASE("passcodes are for the owner to give, and are not stored as they are",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto stranger = world.session("@alice");
  for (const auto* line : {"otp:get", "otp:put:A1B2C3", "keys:get:self"}) {
    CHECK(world.say(stranger, line) ==
          "error:AT0401-Exception: Command cannot be executed without auth\n@");
  }
  auto owner = world.owner("@alice");
  world.say(owner, "otp:put:A1B2C3");
  CHECK(world.value("@alice", "private:spp.__otp@alice")->find("1b2c3") == std::string::npos);
  CHECK(world.say(owner, "scan:showHidden:true").find("otp") == std::string::npos);
}

TEST_CASE("an enrolment of the owner waits for approval without a passcode",
          "[atserver][session][enrolment]") {
  World world;
  auto owner = world.owner("@alice");
  world.uuids = {"e1"};
  CHECK(
      world.say(owner, R"(enroll:request:{"appName":"a","deviceName":"d","apkamPublicKey":"k"})") ==
      "data:{\"enrollmentId\":\"e1\",\"status\":\"pending\"}\n@alice@");
}

TEST_CASE("a request that is made again is answered as the first was",
          "[atserver][session][enrolment]") {
  World world;
  auto owner = owner_with_request(world, "e1");
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, request_line("A1B2C3", "laptop-e1", R"({"sshnp":"rw"})")) ==
        "data:{\"enrollmentId\":\"e1\",\"status\":\"pending\"}\n@");
  CHECK(world.pushed("@alice").size() == 1);
  world.say(owner, approve_line("e1"));
  CHECK(world.say(stranger, request_line("A1B2C3", "laptop-e1", R"({"sshnp":"rw"})")) ==
        "error:AT0011-Exception: Another enrollment with id e1 exists with the app name: sshnp and "
        "device name: laptop-e1 in approved state\n@");
}

TEST_CASE("a connection asks for five enrolments an hour",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  world.say(owner, "otp:put:A1B2C3");
  auto stranger = world.session("@alice");
  for (int i = 0; i < 5; ++i) {
    CHECK(world.say(stranger, request_line("A1B2C3", std::to_string(i))).starts_with("data:"));
  }
  CHECK(world.say(stranger, request_line("A1B2C3", "six")) ==
        "error:AT0011-Exception: Enrollment requests have exceeded the limit within the specified "
        "time frame\n@");
  world.now += 60 * 60 * 1000;
  CHECK(world.say(stranger, request_line("A1B2C3", "six")).starts_with("data:"));
}

TEST_CASE("a request must say who asks for what", "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  world.say(owner, "otp:put:A1B2C3");
  auto stranger = world.session("@alice");
  const auto refused = [&](const std::string& json) {
    const auto answer = world.say(stranger, "enroll:request:" + json);
    REQUIRE(answer.starts_with("error:AT0011-Exception: "));
    return answer.substr(24, answer.find('\n') - 24);
  };
  CHECK(refused("{}") == "appName is mandatory for enroll:request");
  CHECK(refused(R"({"appName":"a"})") == "deviceName is mandatory for enroll:request");
  CHECK(refused(R"({"appName":"a","deviceName":"d"})") ==
        "apkam public key is mandatory for enroll:request");
  CHECK(refused(R"({"appName":"a","deviceName":"d","apkamPublicKey":"k","otp":"A1B2C3"})") ==
        "encrypted apkam symmetric key is mandatory for new client enroll:request");
  CHECK(refused(R"({"appName":"a","deviceName":"d","apkamPublicKey":"k",)"
                R"("apkamKeysExpiryInMillis":-1})") ==
        "apkamKeysExpiryInMillis must be a number of milliseconds");
  CHECK(refused(R"({"appName":"a","deviceName":"d","apkamPublicKey":"k","namespaces":{"":"r"}})") ==
        R"(namespaces must be an object of at most 64 names with "r" or "rw")");
  CHECK(world.say(stranger, "enroll:request") ==
        "error:AT0022-Exception: Enroll parameters not provided\n@");
}
