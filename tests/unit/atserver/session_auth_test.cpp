// SPDX-License-Identifier: BSD-3-Clause
// Who may say what: challenges, failures, states of a connection.
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/rsa.hpp"
#include "world.hpp"

using namespace noports;
using test::vector_of;
using test::World;

namespace {

std::string challenge_in(const std::string& answer) {
  const auto start = answer.find(':') + 1;
  return answer.substr(start, answer.find('\n') - start);
}

std::string cram(const std::string& challenge) {
  return "cram:" + crypto::cram_digest(vector_of("cramSecret"), challenge);
}

const crypto::PrivateKey& k1() {
  static const auto key = *crypto::PrivateKey::parse(vector_of("k1Private"));
  return key;
}

std::string pkam(const std::string& challenge) {
  return "pkam:" + crypto::base64(*k1().sign(challenge));
}

}  // namespace

TEST_CASE("a challenge proves one login", "[atserver][session][hostile]") {
  World world;
  world.put("@alice", "privatekey:at_pkam_publickey", vector_of("k1Public"));
  auto session = world.session("@alice");
  const auto challenge = challenge_in(world.say(session, "from:@alice"));
  CHECK(world.say(session, cram(challenge)) == "data:success\n@alice@");
  CHECK(world.say(session, cram(challenge)) ==
        "error:AT0015-key not found : private:_sid@alice does not exist in keystore\n@alice@");
  CHECK(world.say(session, pkam(challenge)).starts_with("error:AT0015-"));
}

TEST_CASE("a failed login uses the challenge up", "[atserver][session][hostile]") {
  World world;
  world.put("@alice", "privatekey:at_pkam_publickey", vector_of("k1Public"));
  auto session = world.session("@alice");
  auto challenge = challenge_in(world.say(session, "from:@alice"));
  CHECK(world.say(session, "cram:" + std::string(128, '0')) ==
        "error:AT0401-Exception: Authentication Failed\n@");
  CHECK(world.say(session, cram(challenge)).starts_with("error:AT0015-Exception: private:_sid"));
  challenge = challenge_in(world.say(session, "from:@alice"));
  CHECK(world.say(session, pkam("something else")) ==
        "error:AT0401-Exception: pkam authentication failed\n@");
  CHECK(world.say(session, pkam(challenge)).starts_with("error:AT0015-Exception: private:_sid"));
}

TEST_CASE("a challenge is good for a minute", "[atserver][session][hostile]") {
  World world;
  auto session = world.session("@alice");
  auto challenge = challenge_in(world.say(session, "from:@alice"));
  world.now += 60'000;
  CHECK(world.say(session, cram(challenge)).starts_with("error:AT0015-"));
  challenge = challenge_in(world.say(session, "from:@alice"));
  world.now += 59'999;
  CHECK(world.say(session, cram(challenge)) == "data:success\n@alice@");
}

TEST_CASE("a challenge of another connection or of a foreign atSign proves nothing",
          "[atserver][session][hostile]") {
  World world;
  auto one = world.session("@alice", "_one");
  auto other = world.session("@alice", "_other");
  const auto challenge = challenge_in(world.say(one, "from:@alice"));
  world.say(other, "from:@alice");
  CHECK(world.say(other, cram(challenge)).starts_with("error:AT0401-"));
  const auto foreign = world.say(one, "from:@bob");
  CHECK(foreign.starts_with("data:proof:_one@bob:"));
  CHECK(world.say(one, cram(challenge)).starts_with("error:AT0015-"));
  CHECK(world.say(one, cram(challenge_in(foreign))).starts_with("error:AT0015-"));
  CHECK_FALSE(one.is_authenticated());
}

TEST_CASE("a failed attempt leaves nothing of an earlier login", "[atserver][session][hostile]") {
  World world;
  auto session = world.owner("@alice");
  world.take(session, "monitor");
  CHECK(session.is_authenticated());
  world.say(session, "from:@alice");
  world.say(session, "pkam:AAAA");
  CHECK_FALSE(session.is_authenticated());
  CHECK_FALSE(session.monitor());
  CHECK(world.say(session, "update:a@alice 1") ==
        "error:AT0401-Exception: Command cannot be executed without auth\n@");
}

TEST_CASE("who fails five times is sent away", "[atserver][session][hostile]") {
  World world;
  auto session = world.session("@alice");
  for (int attempt = 1; attempt <= 5; ++attempt) {
    world.say(session, "from:@alice");
    CHECK(world.take(session, "cram:" + std::string(128, 'a')).close == (attempt == 5));
  }
}

TEST_CASE("without from, secret or key there is no login", "[atserver][session]") {
  World world;
  auto session = world.session("@alice");
  CHECK(world.say(session, "cram:" + std::string(128, '0')) ==
        "error:AT0015-Exception: private:_sid@alice does not exist in keystore\n@");
  CHECK(world.say(session, "pkam:AAAA") ==
        "error:AT0015-Exception: privatekey:at_pkam_publickey does not exist in keystore\n@");
  world.put("@alice", "privatekey:at_pkam_publickey", vector_of("k1Public"));
  CHECK(world.say(session, "pkam:AAAA") ==
        "error:AT0015-Exception: private:_sid@alice does not exist in keystore\n@");
  auto owner = world.owner("@alice");
  world.say(owner, "delete:privatekey:at_secret");
  world.say(session, "from:@alice");
  CHECK(world.say(session, "cram:" + std::string(128, '0')) ==
        "error:AT0015-Exception: privatekey:at_secret does not exist in keystore\n@");
}

TEST_CASE("enrolments that are not approved do not log in", "[atserver][session][hostile]") {
  World world;
  const auto enrol = [&](const std::string& id, const std::string& state) {
    world.put("@alice", id + ".new.enrollments.__manage@alice",
              R"({"apkamPublicKey":")" + vector_of("k1Public") + R"(","approval":{"state":")" +
                  state + "\"}}");
  };
  enrol("d", "denied");
  enrol("p", "pending");
  enrol("r", "revoked");
  enrol("odd", "odd");
  world.put("@alice", "broken.new.enrollments.__manage@alice", "{");
  auto session = world.session("@alice");
  const auto login = [&](const std::string& id) {
    const auto challenge = challenge_in(world.say(session, "from:@alice"));
    return world.say(session,
                     "pkam:enrollmentId:" + id + ":" + crypto::base64(*k1().sign(challenge)));
  };
  CHECK(login("d") == "error:AT0025:enrollment_id: d is denied\n@");
  CHECK(login("p") == "error:AT0026:enrollment_id: p is pending\n@");
  CHECK(login("r") == "error:AT0027:enrollment_id: r is revoked\n@");
  for (const auto* id : {"odd", "broken", "unknown", "a/b"}) {
    CHECK(login(id) ==
          "error:AT0028:enrollment_id: " + std::string(id) + " is expired or invalid\n@");
  }
  CHECK_FALSE(session.is_authenticated());
}

TEST_CASE("a CRAM connection enrols once", "[atserver][session][hostile]") {
  World world;
  const auto request = R"(enroll:request:{"appName":"a","deviceName":"d","apkamPublicKey":")" +
                       vector_of("k1Public") + R"("})";
  auto session = world.session("@alice");
  world.say(session, cram(challenge_in(world.say(session, "from:@alice"))));
  REQUIRE(session.is_authenticated());
  CHECK(world.say(session, "enroll:request").starts_with("error:AT0022-"));
  CHECK(world.say(session, "enroll:request:{x}").starts_with("error:AT0022-"));
  CHECK(world.say(session, R"(enroll:request:{"deviceName":"d","apkamPublicKey":"k"})") ==
        "error:AT0011-Internal server exception : appName is mandatory for "
        "enroll:request\n@alice@");
  CHECK(world.say(session, request).starts_with("data:"));
  CHECK(world.say(session, request).starts_with("error:AT0011-"));
}

TEST_CASE("an enrolment is small, shallow, and names namespaces only",
          "[atserver][session][hostile]") {
  World world;
  auto session = world.session("@alice");
  world.say(session, cram(challenge_in(world.say(session, "from:@alice"))));
  REQUIRE(session.is_authenticated());
  const auto enrol = [&](const std::string& namespaces) {
    return world.say(session, R"(enroll:request:{"appName":"a","deviceName":"d",)"
                              R"("apkamPublicKey":"k","namespaces":)" +
                                  namespaces + "}");
  };
  const std::string open(100'000, '['), close(100'000, ']');
  CHECK(enrol(open).starts_with("error:AT0022-"));
  CHECK(enrol(open + close).starts_with("error:AT0022-"));
  CHECK(enrol(std::string(30'000, '[') + std::string(30'000, ']')).starts_with("error:AT0022-"));
  CHECK(enrol("\"" + std::string(70'000, 'n') + "\"").starts_with("error:AT0022-"));
  for (const auto* odd : {"[]", "7", R"({"a":"w"})", R"({"a":7})", R"({"a":{"b":"r"}})",
                          R"({"a":["r"]})", R"({"a":null})"}) {
    CAPTURE(odd);
    CHECK(enrol(odd).starts_with("error:AT0011-"));
  }
  CHECK_FALSE(world.value("@alice", "privatekey:at_pkam_publickey"));
  world.uuids.push_back("e1");
  CHECK(enrol(R"({"a":"r","b":"rw"})") ==
        "data:{\"enrollmentId\":\"e1\",\"status\":\"approved\"}\n@alice@");
  CHECK(world.value("@alice", "e1.new.enrollments.__manage@alice")
            ->find(R"("namespaces":{"a":"r","b":"rw","__manage":"rw","*":"rw"})") !=
        std::string::npos);
}

TEST_CASE("a clientConfig is small and shallow", "[atserver][session][hostile]") {
  World world;
  auto session = world.session("@alice");
  const std::string open(100'000, '['), close(100'000, ']');
  const auto from = [&](const std::string& config) {
    return world.say(session, "from:@alice:clientConfig:" + config);
  };
  CHECK(from("{\"a\":" + open + close + "}").starts_with("error:AT0003-"));
  CHECK(from("{\"a\":" + open + "}").starts_with("error:AT0003-"));
  CHECK(from(R"({"version":")" + std::string(70'000, '1') + "\"}").starts_with("error:AT0003-"));
  CHECK(from(R"({"version":"3.0.38"})").starts_with("data:"));
}

TEST_CASE("strangers may do what needs no owner, and nothing else",
          "[atserver][session][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  world.say(owner, "update:public:p.x@alice open");
  world.say(owner, "update:s.x@alice closed");
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, "lookup:p.x@alice") == "data:open\n@");
  CHECK(world.say(stranger, "lookup:s.x@alice") ==
        "error:AT0015-Exception: public:s.x@alice does not exist in keystore\n@");
  CHECK(world.say(stranger, "noop:0") == "data:ok\n@");
  const auto* line = GENERATE("update:a@alice 1", "delete:a@alice", "llookup:s.x@alice",
                              "plookup:publickey@bob", "monitor", "notify:status:1",
                              "notify:remove:1", "notify:@bob:x.y@alice:1", "enroll:list");
  CAPTURE(line);
  CHECK(world.say(stranger, line).starts_with("error:AT0401-Exception: "));
}

TEST_CASE("JSON errors are for clients above 3.0.37", "[atserver][session]") {
  World world;
  const auto error_after = [&](const std::string& config) {
    auto session = world.session("@alice");
    world.say(session, "from:@alice:clientConfig:" + config);
    return world.say(session, "nonsense");
  };
  const std::string text = "error:AT0003-Exception: invalid command\n@";
  const std::string json =
      R"(error:{"errorCode":"AT0003","errorDescription":"Exception: invalid command"})"
      "\n@";
  CHECK(error_after(R"({"version":"3.0.38"})") == json);
  CHECK(error_after(R"({"version":"4.0.0-beta.1+b"})") == json);
  CHECK(error_after(R"({"version":"3.0.37"})") == text);
  CHECK(error_after(R"({"version":"2.9.99"})") == text);
  CHECK(error_after(R"({"version":"x"})") == text);
  CHECK(error_after(R"({"version":7})") == text);
  CHECK(error_after(R"({"clientId":"no version"})") == text);
  CHECK(error_after("{no json}") == text);
}

TEST_CASE("noop waits as long as it is told, at most 5 s", "[atserver][session]") {
  World world;
  auto session = world.session("@alice");
  const auto outcome = world.take(session, "noop:5000");
  CHECK(outcome.wait == std::chrono::seconds(5));
  CHECK(outcome.answer == "data:ok\n@");
  const auto refused = world.take(session, "noop:5001");
  CHECK(refused.wait.count() == 0);
  CHECK(refused.answer ==
        "error:AT0022-Exception: noop:<durationInMillis> where the duration maximum is 5000 "
        "milliseconds\n@");
}

TEST_CASE("every line has its answer, whatever is in it", "[atserver][session][hostile]") {
  World world;
  auto stranger = world.session("@alice");
  auto owner = world.owner("@alice");
  const auto line =
      GENERATE(as<std::string>{}, "", " ", "\r", "\xff\xfe", "hello", "update:", "update:a@alice",
               "from:", "from:@a b", "scan:@", "lookup:@alice", "stats:x", "sync:-1:limit:10",
               "batch:[1]", "keys:get:self", "otp:put:x", "config:block:clear", "info:x",
               "notify:all:x", "update:meta:a@alice:ttl:1", "update:json:{}",
               "stream:init@bob 1 f 2", std::string(9, '\0'), "@@@@", "notification: {}");
  CAPTURE(line);
  for (auto* session : {&stranger, &owner}) {
    const auto outcome = world.take(*session, line);
    CHECK(outcome.answer.starts_with("error:AT0"));
    CHECK(outcome.answer.find('\n') == outcome.answer.rfind('\n'));
    CHECK(outcome.answer.find('\r') == outcome.answer.npos);
    // Python and Java split behind the code: there must be a ':' (client-expectations.md 2.1, 7).
    CHECK(outcome.answer.find(':', 6) != outcome.answer.npos);
    CHECK_FALSE(outcome.close);
  }
}

TEST_CASE("@exit closes without a word", "[atserver][session]") {
  World world;
  auto session = world.session("@alice");
  const auto outcome = world.take(session, "@exit");
  CHECK(outcome.close);
  CHECK(outcome.answer.empty());
}
