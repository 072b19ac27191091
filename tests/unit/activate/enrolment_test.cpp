// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/enrolment.hpp"

#include <catch2/catch.hpp>

#include "noports/activate/selector.hpp"
#include "noports/at/answer.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/keys/keyfile.hpp"
#include "support/vectors.hpp"

using namespace noports;
using namespace noports::activate;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kId = "7b0d4c52-91aa-4c58-8f0e-0c2d7a4e5f66";

Json vectors() { return test::vectors("enrollment.json"); }
std::string text(const Json& json) { return json.get<std::string>(); }

// A whole line of a vector without its end.
std::string line(const Json& json) {
  auto all = text(json);
  return all.substr(0, all.find('\n'));
}
// What stands behind "data:" in one.
std::string data(const Json& json) { return line(json).substr(5); }

at::Atsign alice() { return *at::Atsign::parse("@alice"); }
keys::Keys alice_keys() { return *keys::decode(test::vector_text("alice_key.dart.atKeys")); }
crypto::Secret symmetric() {
  return *crypto::base64_decode_secret(text(vectors()["approve"]["decryptedApkamSymmetricKey"]));
}

EnrolRequest some_request() {
  EnrolRequest wanted;
  wanted.app_name = "sshnp";
  wanted.device_name = "laptop1";
  wanted.namespaces = *parse_namespaces("sshnp:rw,sshrvd:rw");
  wanted.passcode = "A1B2C3";
  wanted.wrapped_key = text(vectors()["request"]["encryptedAPKAMSymmetricKey"]);
  const auto keys = test::vectors("keys.json");
  wanted.public_key = text(keys["alice"]["secondEnrollment"]["apkam"]["publicKey"]);
  return wanted;
}

Enrolment some_enrolment() {
  const auto note = vectors()["approverNotification"];
  return *decode_request_note(text(note["key"]), text(note["value"]));
}

}  // namespace

TEST_CASE("a request is written as the reference writes it", "[activate][vectors]") {
  CHECK(at::encode(encode(some_request())) == line(vectors()["request"]["line"]));
  CHECK(*decode_enrol_request(encode(some_request()).json) == some_request());
  auto limited = some_request();
  limited.expiry = std::chrono::hours(24);
  CHECK(encode(limited).json.ends_with("\"apkamKeysExpiryInMillis\":86400000}"));
  CHECK(*decode_enrol_request(encode(limited).json) == limited);
}

TEST_CASE("a request that is none is refused", "[activate][hostile]") {
  for (const auto* bad : {"", "[]", "{}", "{\"appName\":\"a\",\"deviceName\":\"d\"}",
                          "{\"appName\":1,\"deviceName\":\"d\",\"apkamPublicKey\":\"k\"}"}) {
    CHECK(decode_enrol_request(bad).error().code() == Errc::bad_syntax);
  }
  CHECK_FALSE(decode_enrol_request(std::string(100'000, '[')));
}

TEST_CASE("namespaces are read as users write them", "[activate]") {
  CHECK(text_of(*parse_namespaces("sshnp:rw,sshrvd:rw")) == "{sshnp: rw, sshrvd: rw}");
  CHECK(text_of(*parse_namespaces("\" sshnp : r , a.b:rw \"")) == "{sshnp: r, a.b: rw}");
  CHECK(text_of(*parse_namespaces("*:rw")) == "{*: rw}");
  for (const auto* bad : {"", "sshnp", "sshnp:", ":rw", "sshnp:w", "sshnp:rwx", "a:rw,,b:rw",
                          "a:rw,a:r", "a b:rw", "a@x:rw", "a:b:rw"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(parse_namespaces(bad));
    CHECK(parse_namespaces(bad).error().code() == Errc::config);
  }
}

TEST_CASE("what an approver is told of a request is read", "[activate][vectors]") {
  const auto one = some_enrolment();
  CHECK(one.id == kId);
  CHECK(one.app_name == "sshnp");
  CHECK(one.device_name == "laptop1");
  CHECK(text_of(one.namespaces) == "{sshnp: rw, sshrvd: rw}");
  CHECK(one.status == "pending");
  CHECK(one.wrapped_key == some_request().wrapped_key);
  const auto value = text(vectors()["approverNotification"]["value"]);
  CHECK_FALSE(decode_request_note("other.sshnp@alice", value));
  CHECK_FALSE(decode_request_note(std::string(kId) + ".new.enrollments.__manage@alice", "[]"));
}

TEST_CASE("the approver opens the key that the device has wrapped", "[activate][vectors]") {
  const auto key = unwrap_key(some_request().wrapped_key, alice_keys().encryption);
  REQUIRE(key);
  CHECK(crypto::base64_secret(key->bytes()).text() ==
        text(vectors()["approve"]["decryptedApkamSymmetricKey"]));
  const auto wrapped = wrap_key(*key, alice_keys().encryption.public_key());
  REQUIRE(wrapped);
  CHECK(crypto::equal(unwrap_key(*wrapped, alice_keys().encryption)->bytes(), key->bytes()));
}

TEST_CASE("a wrapped key that is none of ours is refused", "[activate][hostile]") {
  for (const auto& bad :
       {std::string(), std::string("AAAA"), std::string("%"), std::string(344, 'A')}) {
    CHECK(unwrap_key(bad, alice_keys().encryption).error().code() == Errc::bad_syntax);
  }
  CHECK_FALSE(unwrap_key(some_request().wrapped_key, alice_keys().pkam));
}

TEST_CASE("an approval is written as the reference writes it", "[activate][vectors]") {
  const auto vector = vectors()["approve"];
  const auto zero = approve(some_enrolment(), alice_keys(), std::nullopt);
  REQUIRE(zero);
  CHECK(at::encode(*zero) == line(vector["lineZeroIv"]));
  const auto with = line(vector["lineWithIv"]);
  const auto json = Json::parse(with.substr(with.find('{')));
  ApprovalIvs ivs{*crypto::base64_decode(text(json["encPrivateKeyIV"])),
                  *crypto::base64_decode(text(json["selfEncKeyIV"]))};
  CHECK(at::encode(*approve(some_enrolment(), alice_keys(), ivs)) == with);
}

TEST_CASE("the device opens what the approver left, with and without IV", "[activate][vectors]") {
  const auto vector = vectors()["collect"];
  CHECK(at::encode(private_key_of(kId, alice())) == line(vector["getPrivate"]));
  CHECK(at::encode(self_key_of(kId, alice())) == line(vector["getSelf"]));
  for (const auto* form : {"ZeroIv", "WithIv"}) {
    const auto name = [&](const char* which) {
      return std::string("get").append(which).append("Response").append(form);
    };
    CHECK(open_kept(data(vector[name("Private")]), symmetric())->text() ==
          text(vector["defaultEncryptionPrivateKey"]));
    CHECK(open_kept(data(vector[name("Self")]), symmetric())->text() ==
          text(vector["defaultSelfEncryptionKey"]));
  }
}

TEST_CASE("what the approver left and cannot be opened is said so", "[activate][hostile]") {
  for (const auto* bad :
       {"", "null", "{}", "{\"value\":null}", "{\"value\":\"AAAA\"}", "{\"value\":\"%%\"}",
        "{\"value\":\"q8hRwkkkyarNsN9X2SpzhA==\",\"iv\":\"%\"}"}) {
    CAPTURE(bad);
    CHECK(open_kept(bad, symmetric()).error().code() == Errc::bad_syntax);
  }
}

TEST_CASE("the list of enrolments is read", "[activate]") {
  const std::string id(kId);
  const auto all =
      decode_enrolments("{\"" + id +
                        ".new.enrollments.__manage@alice\":{\"appName\":\"a\",\"deviceName\":\"d\","
                        "\"namespace\":{\"sshnp\":\"rw\"},\"encryptedAPKAMSymmetricKey\":null,"
                        "\"status\":\"approved\",\"more\":1}}");
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  CHECK(all->front() == Enrolment{id, "a", "d", {{"sshnp", "rw"}}, "approved", ""});
  CHECK(decode_enrolments("{}")->empty());
  CHECK(decode_enrolment(id, "{\"appName\":\"a\"}")->app_name == "a");
  for (const auto* bad : {"", "[]", "null", "{\"x\":{}}", "{\"a.new.enrollments.__manage@b\":1}",
                          "{\"a:b.new.enrollments.__manage@b\":{}}"}) {
    CHECK(decode_enrolments(bad).error().code() == Errc::bad_syntax);
  }
}

TEST_CASE("an outcome has an id and a status", "[activate][vectors]") {
  const auto taken = decode_outcome(data(vectors()["request"]["response"]));
  REQUIRE(taken);
  CHECK(taken->id == kId);
  CHECK(taken->status == "pending");
  CHECK(decode_outcome(data(vectors()["approve"]["response"]))->status == "approved");
  for (const auto* bad :
       {"", "{}", "{\"enrollmentId\":\"a b\",\"status\":\"x\"}", "{\"enrollmentId\":\"a\"}"}) {
    CHECK_FALSE(decode_outcome(bad));
  }
}

TEST_CASE("commands about one enrolment or several", "[activate]") {
  CHECK(at::encode(about("deny", "a-b")) == "enroll:deny:{\"enrollmentId\":\"a-b\"}");
  CHECK(at::encode(about("revoke", "a", true)) == "enroll:revoke:force:{\"enrollmentId\":\"a\"}");
  CHECK(at::encode(list_of({})) == "enroll:list");
  CHECK(at::encode(list_of({"pending", "approved"})) ==
        "enroll:list:{\"enrollmentStatusFilter\":[\"pending\",\"approved\"]}");
}

TEST_CASE("IVs are sent to the atServers that keep them", "[activate]") {
  CHECK_FALSE(keeps_ivs("{\"version\":\"3.0.52\",\"uptimeAsMillis\":183667000}"));
  CHECK(keeps_ivs("{\"version\":\"3.1.0\"}"));
  CHECK(keeps_ivs("{\"version\":\"3.1.1+gha2\"}"));
  CHECK(keeps_ivs("{\"version\":\"4.0\"}"));
  CHECK(keeps_ivs("{\"version\":\"0.1.0\",\"enrollmentIvs\":true}"));
  CHECK_FALSE(keeps_ivs("{\"version\":\"3.1.0\",\"enrollmentIvs\":\"no\"}"));
  for (const auto* unknown : {"", "[]", "{}", "{\"version\":4}", "{\"version\":\"x.y\"}"}) {
    CHECK_FALSE(keeps_ivs(unknown));
  }
}

TEST_CASE("a refused log-in tells how the enrolment stands", "[activate]") {
  const auto told = [](const char* line) {
    return standing(at::to_error(std::get<at::Refusal>(at::decode_answer(line))));
  };
  CHECK(told("error:AT0026:enrollment_id: x is pending") == Standing::pending);
  CHECK(told("error:AT0025:enrollment_id: x is denied") == Standing::denied);
  CHECK(told("error:AT0027:enrollment_id: x is revoked") == Standing::revoked);
  CHECK(told("error:AT0028:enrollment_id: x is expired or invalid") == Standing::expired);
  CHECK(told("error:AT0401-Exception: pkam authentication failed") == Standing::unproven);
  CHECK(told("error:AT0015-key not found : x") == Standing::unknown);
  CHECK(standing(Error(Errc::disconnected, "AT0026")) == Standing::unknown);
}

TEST_CASE("both sides of an enrolment show the same check code", "[activate]") {
  CHECK(check_code(symmetric(), kId) == check_code(symmetric(), kId));
  CHECK(check_code(symmetric(), kId).size() == 8);
  CHECK(check_code(symmetric(), kId) != check_code(symmetric(), "another"));
}

TEST_CASE("a selector matches whole names, or expressions anywhere", "[activate]") {
  Enrolment one;
  one.app_name = "noports";
  one.device_name = "lab-1";
  const auto matches = [&](std::optional<std::string> app, std::optional<std::string> device,
                           bool is_regex) {
    return Selector::make(std::move(app), std::move(device), is_regex)->matches(one);
  };
  CHECK(matches("noports", std::nullopt, false));
  CHECK(matches(std::nullopt, "lab-1", false));
  CHECK(matches(std::nullopt, std::nullopt, false));
  CHECK_FALSE(matches("ports", std::nullopt, false));
  CHECK_FALSE(matches("noports", "lab", false));
  CHECK_FALSE(matches("noport.", std::nullopt, false));
  CHECK(matches("ports", "^lab-[0-9]$", true));
  CHECK_FALSE(matches("^ports", std::nullopt, true));
  one.app_name = "notnoports";
  CHECK_FALSE(matches("noports", std::nullopt, false));
  CHECK(Selector::make("(", std::nullopt, true).error().code() == Errc::config);
}
