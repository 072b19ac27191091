// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/signing_keys.hpp"

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "support/fake_mailbox.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct World {
  Result<relay::SigningKeys::Keys> get(bool fresh = false) {
    return test::run(loop, keys.get(record, fresh, net::in(5s)));
  }
  asio::io_context loop;
  test::FakeMailbox mail{loop.get_executor(), "@relay"};
  relay::SigningKeys keys{mail};
  proto::SigningKeyUri record = *proto::SigningKeyUri::parse("public:_apsk.primary.a.__e@client");
  std::string& value = mail.published["@client"]["_apsk.primary.a.__e"];
};

std::string key_text() {
  static const auto key = *crypto::PrivateKey::generate();
  return key.public_key().text();
}

}  // namespace

TEST_CASE("a record of signing keys is looked up once in a while", "[relay][escr]") {
  World world;
  world.value = key_text();
  REQUIRE(world.get());
  const auto again = world.get();
  REQUIRE(again);
  CHECK(again->front().key == key_text());
  CHECK(world.mail.public_look_ups == 1);
  REQUIRE(world.get(/*fresh=*/true));
  CHECK(world.mail.public_look_ups == 2);
}

TEST_CASE("what is not there, or no key, is not remembered", "[relay][escr][hostile]") {
  World world;
  world.value = "no key";
  const auto bad = world.get();
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code() == Errc::bad_syntax);
  world.mail.published.clear();
  const auto none = world.get();
  REQUIRE_FALSE(none);
  CHECK(none.error().code() == Errc::not_found);
  world.mail.published["@client"]["_apsk.primary.a.__e"] = key_text();
  CHECK(world.get());
}
