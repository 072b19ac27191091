// SPDX-License-Identifier: BSD-3-Clause
#include "world.hpp"

#include "noports/crypto/base64.hpp"
#include "noports/crypto/rsa.hpp"

namespace noports::test {

void World::login(atserver::Session& one, const std::string& enrollment) {
  const auto asked = say(one, "from:" + one.account().atsign.str());
  const auto start = asked.find(':') + 1;
  const auto challenge = asked.substr(start, asked.find('\n') - start);
  static const auto key = *crypto::PrivateKey::parse(vector_of("k1Private"));
  const auto prompt = "data:success\n" + one.account().atsign.str() + "@";
  const auto by = enrollment.empty() ? "pkam:" : "pkam:enrollmentId:" + enrollment + ":";
  REQUIRE(say(one, by + crypto::base64(*key.sign(challenge))) == prompt);
}

}  // namespace noports::test
