// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/key.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace noports;
using at::Atsign;
using at::Key;
using at::KeyName;

const Atsign kAlice = *Atsign::parse("@alice");
const Atsign kBob = *Atsign::parse("@bob");

KeyName name(std::string_view text) { return *KeyName::parse(text); }

TEST_CASE("every shape of a key is read and written unchanged", "[at][key][vectors]") {
  // atprotocol-wire.md 6.1 and 6.2, noports-newer.md 7.4
  const auto text = GENERATE(
      as<std::string>{}, "phone.demo@alice", "@bob:phone.demo@alice", "public:phone.demo@alice",
      "@alice:phone.demo@alice", "public:publickey@alice", "shared_key.bob@alice",
      "@bob:shared_key@alice", "cached:@bob:shared_key@alice", "cached:public:publickey@bob",
      "publickey.bob@alice", "shared_key.bob.until.1727773200123@alice",
      "public:signing_publickey@alice", "@alice:signing_privatekey@alice",
      "privatekey:at_pkam_publickey", "privatekey:at_secret", "privatekey:at_secret_deleted",
      "privatekey:signing_keypair_generated", "private:spp.__otp@alice",
      "private:_4c3d3e2c-6f3a-4d0e-9a58-0f2d7c1b9e11@alice", "private:blocklist@alice",
      "_4c3d3e2c-6f3a-4d0e-9a58-0f2d7c1b9e11@alice", "public:__x@a",
      "public:_apsk.primary.a.__e@alice", "@x:device_info.lab.sshnp@alice",
      "86c16cf2-2c4a-4a2f-9e2e-6a8f2c1d3e4f.new.enrollments.__manage@alice",
      "@bob🛠:phone@alice🛠");
  CAPTURE(text);
  const auto key = Key::parse(text);
  REQUIRE(key);
  CHECK(key->str() == text);
}

TEST_CASE("a key knows its parts", "[at][key]") {
  const auto shared = Key::parse("@bob:Phone.Demo@Alice");
  REQUIRE(shared);
  CHECK(*shared == Key::shared(kBob, name("phone.demo"), kAlice));
  CHECK(Key::parse("public:__x@alice").value() == Key::open(name("__x"), kAlice));
  CHECK(Key::parse("x@alice").value() == Key::self(name("x"), kAlice));
  CHECK(Key::parse("privatekey:at_secret").value() == Key::privatekey(name("at_secret")));
  CHECK(Key::parse("private:x@alice").value() == Key::internal(name("x"), kAlice));
  const auto cached = Key::parse("CACHED:public:publickey@bob");
  REQUIRE(cached);
  CHECK(cached->cached);
  CHECK(cached->scope == Key::Scope::open);
  CHECK(cached->owner == kBob);
}

TEST_CASE("what is no key is not made", "[at][key][hostile]") {
  const auto text = GENERATE(
      as<std::string>{}, "", "@alice", "phone", "phone@", ":phone@alice", "public:@alice",
      "public:phone", "@bob:@alice", "@bob:phone", "@bob", "@bob:", "@:phone@alice",
      "cached:phone@alice", "cached:privatekey:at_secret", "cached:private:x@alice",
      "cached:", "cached:cached:public:x@alice", "public:public:x@alice", "public:@bob:x@alice",
      "@bob:public:x@alice", "privatekey:", "privatekey:x@alice", "privatekey:a:b", "private:x",
      "local:x@alice", "other:x@alice", "ph one@alice", "phone @alice", "phone@al ice",
      "pho\nne@alice", "phone@alice\n", "pho\tne@alice", std::string("pho\0ne@alice", 12),
      "ph\xffone@alice", "ph\u202eone@alice", "a@b@c@alice");
  CAPTURE(text);
  const auto key = Key::parse(text);
  REQUIRE_FALSE(key);
  CHECK(key.error().code() == Errc::bad_syntax);
}

TEST_CASE("a key has at most 248 bytes, and 255 with cached:", "[at][key][hostile]") {
  const std::string owner = "@alice";
  const std::string longest = "public:" + std::string(248 - 7 - owner.size(), 'x') + owner;
  CHECK(Key::parse(longest));
  CHECK(Key::parse("cached:" + longest));
  const auto longer = Key::parse("public:x" + longest.substr(7));
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code() == Errc::refused);
  CHECK(longer.error().what() == "key length 249 is greater than max allowed 248 chars");
  CHECK_FALSE(Key::parse("cached:public:x" + longest.substr(7)));
  CHECK(KeyName::parse(std::string(248, 'x')));
  CHECK_FALSE(KeyName::parse(std::string(249, 'x')));
}

TEST_CASE("the error about a key does not repeat it", "[at][key][hostile]") {
  for (const std::string text : {"topsecret:x@alice", "topsecret", "topsecret@al ice"}) {
    const auto key = Key::parse(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().what().find("topsecret") == std::string::npos);
  }
}

}  // namespace
