// SPDX-License-Identifier: BSD-3-Clause
// The live connections of an enrolment, over sockets.
#include "noports/crypto/base64.hpp"
#include "noports/crypto/rsa.hpp"
#include "running.hpp"

using namespace noports;
using test::RawClient;
using test::Running;

namespace {

std::string answer_of(const std::string& record) { return record.substr(5, record.find('\n') - 5); }

}  // namespace

TEST_CASE("who is revoked is gone at once, monitors too", "[atserver][platform][hostile]") {
  Running world;
  world.activate("alice");
  static const auto key = *crypto::PrivateKey::generate();
  const auto login = [&](RawClient& client, const std::string& by) {
    const auto challenge = answer_of(client.ask("from:@alice"));
    return client.ask("pkam:" + by + crypto::base64(*key.sign(challenge)));
  };
  const auto owner = world.login("alice");
  const auto id = answer_of(owner->ask(R"(enroll:request:{"appName":"a","deviceName":"d",)"
                                       R"("namespaces":{"sshnp":"rw"},"apkamPublicKey":")" +
                                       key.public_key().text() + "\"}"))
                      .substr(17, 36);
  REQUIRE(owner
              ->ask(R"(enroll:approve:{"enrollmentId":")" + id +
                    R"(","encryptedDefaultEncryptionPrivateKey":"p",)"
                    R"("encryptedDefaultSelfEncryptionKey":"s"})")
              .starts_with("data:"));
  const auto idle = world.connect("alice"), monitor = world.connect("alice");
  REQUIRE(login(*idle, "enrollmentId:" + id + ":") == "data:success\n@alice@");
  REQUIRE(login(*monitor, "enrollmentId:" + id + ":") == "data:success\n@alice@");
  monitor->send("monitor\n");
  REQUIRE(owner->ask(R"(enroll:revoke:{"enrollmentId":")" + id + "\"}").starts_with("data:"));
  CHECK(idle->read().starts_with("("));
  CHECK(monitor->read().starts_with("("));
  CHECK(owner->ask("noop:0") == "data:ok\n@alice@");
}
