// SPDX-License-Identifier: BSD-3-Clause
#include "running.hpp"

#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/rsa.hpp"

namespace noports::test {
namespace {

std::string challenge_of(RawClient& client, const std::string& name) {
  const auto answer = client.ask("from:@" + name);
  REQUIRE(answer.starts_with("data:_"));
  return answer.substr(5, answer.find('\n') - 5);
}

std::string pkam(const std::string& challenge) {
  static const auto key = *crypto::PrivateKey::parse(vector_of("k1Private"));
  return "pkam:" + crypto::base64(*key.sign(challenge));
}

}  // namespace

std::unique_ptr<RawClient> Running::login(const std::string& name) {
  auto client = connect(name);
  REQUIRE(try_login(*client, name) == "data:success\n@" + name + "@");
  return client;
}

std::string Running::try_login(RawClient& client, const std::string& name) {
  return client.ask(pkam(challenge_of(client, name)));
}

void Running::activate(const std::string& name) {
  activate_with(name, *atserver::add_atsign(dir(), atsign("@" + name)));
}

void Running::activate_with(const std::string& name, const crypto::Secret& secret) {
  const auto client = connect(name);
  const std::string prompt = "\n@" + name + "@";
  const auto cram = crypto::cram_digest(secret.text(), challenge_of(*client, name));
  REQUIRE(client->ask("cram:" + cram) == "data:success" + prompt);
  REQUIRE(client->ask("update:privatekey:at_pkam_publickey " + vector_of("k1Public")) ==
          "data:-1" + prompt);
  REQUIRE(client->ask(pkam(challenge_of(*client, name))) == "data:success" + prompt);
  REQUIRE(client->ask("update:public:publickey@" + name + " " + vector_of("k1Public")) ==
          "data:0" + prompt);
  REQUIRE(client->ask("delete:privatekey:at_secret") == "data:-1" + prompt);
}

}  // namespace noports::test
