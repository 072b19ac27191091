// SPDX-License-Identifier: BSD-3-Clause
// The lines of enrolment, and an owner with a request that waits.
#pragma once

#include "noports/crypto/base64.hpp"
#include "noports/crypto/rsa.hpp"
#include "world.hpp"

namespace noports::test {

inline const std::string kId = "86c16cf2-2c4a-4a2f-9e2e-6a8f2c1d3e4f";

inline std::string request_line(const std::string& otp, const std::string& device = "laptop",
                                const std::string& namespaces = R"({"sshnp":"rw","sshrvd":"rw"})") {
  return R"(enroll:request:{"appName":"sshnp","deviceName":")" + device + R"(","namespaces":)" +
         namespaces + R"(,"otp":")" + otp +
         R"(","encryptedAPKAMSymmetricKey":"d3JhcHBlZA==","apkamPublicKey":")" +
         vector_of("k1Public") + "\"}";
}

inline std::string approve_line(const std::string& id) {
  return R"(enroll:approve:{"enrollmentId":")" + id +
         R"(","encryptedDefaultEncryptionPrivateKey":"cHJpdmF0ZQ==",)"
         R"("encryptedDefaultSelfEncryptionKey":"c2VsZg=="})";
}

inline std::string with_id(const std::string& operation, const std::string& id) {
  return "enroll:" + operation + R"(:{"enrollmentId":")" + id + "\"}";
}

inline std::string pkam_with(World& world, atserver::Session& session, const std::string& id) {
  const auto asked = world.say(session, "from:@alice");
  const auto challenge = asked.substr(5, asked.find('\n') - 5);
  static const auto key = *crypto::PrivateKey::parse(vector_of("k1Private"));
  return world.say(session, "pkam:enrollmentId:" + id + ":" + crypto::base64(*key.sign(challenge)));
}

// An owner who has set the passcode A1B2C3, and a request of `id` that waits.
inline atserver::Session owner_with_request(World& world, const std::string& id,
                                            const std::string& namespaces = R"({"sshnp":"rw"})") {
  auto owner = world.owner("@alice");
  REQUIRE(world.say(owner, "otp:put:A1B2C3") == "data:ok\n@alice@");
  auto stranger = world.session("@alice", "_new");
  world.uuids = {id};
  REQUIRE(world.say(stranger, request_line("A1B2C3", "laptop-" + id, namespaces)) ==
          "data:{\"enrollmentId\":\"" + id + "\",\"status\":\"pending\"}\n@");
  return owner;
}

inline const std::string kAt11 = "error:AT0011-Internal server exception : ";

}  // namespace noports::test
