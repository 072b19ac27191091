// SPDX-License-Identifier: BSD-3-Clause
#include "noports/keys/keys.hpp"

#include <catch2/catch.hpp>

#include "noports/keys/keyfile.hpp"

using namespace noports;

TEST_CASE("new keys are all different and survive the file", "[keys]") {
  const auto made = keys::make_keys();
  REQUIRE(made);
  CHECK(made->pkam.public_key().text() != made->encryption.public_key().text());
  CHECK(made->self_encryption.size() == 32);
  CHECK(made->apkam_symmetric->size() == 32);
  CHECK_FALSE(crypto::equal(made->self_encryption.bytes(), made->apkam_symmetric->bytes()));
  CHECK_FALSE(made->enrollment_id);

  const auto alice = at::Atsign::parse("@alice").value();
  const auto text = keys::encode(*made, alice);
  CHECK(text.size() < 8192);  // the C reader's buffer (keys-and-enrollment.md 1.5)
  const auto read = keys::decode(text.text(), alice);
  REQUIRE(read);
  CHECK(keys::encode(*read, alice).text() == text.text());
}
