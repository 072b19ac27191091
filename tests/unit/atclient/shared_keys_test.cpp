// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/shared_keys.hpp"

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "fake_store.hpp"
#include "fixtures.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/net/task_group.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace noports::atclient;
using namespace std::chrono_literals;
using test::atsign;

namespace {

const char* const kOwn = "shared_key.bob@alice";
const char* const kTheirs = "@bob:shared_key@alice";

struct World {
  asio::io_context loop;
  test::FakeStore store{loop};
  SharedKeys keys = make();

  World() { store.public_keys["@bob"] = test::bob_keys()->encryption.public_key().text(); }
  SharedKeys make() {
    return SharedKeys(loop.get_executor(), atsign("@alice"), test::alice_keys(), store.ask());
  }
  Result<SharedKeys::OutgoingPtr> outgoing(SharedKeys& of) {
    return test::run(loop, of.outgoing(atsign("@bob"), net::in(5s)));
  }
  Result<crypto::PublicKey> fresh_key(SharedKeys& of) {
    return test::run(loop, of.public_key(atsign("@bob"), true, net::in(5s)));
  }
};

// What @bob reads in a wrapped key.
std::string unwrapped_by_bob(const std::string& wrapped) {
  const auto text = test::bob_keys()->encryption.decrypt(*crypto::base64_decode(wrapped));
  return std::string(text->text());
}

// As it comes from @bob, who shares this key (32 bytes) with us.
Sealing from_bob(char byte) {
  const auto& ours = test::alice_keys()->encryption.public_key();
  Sealing sealing;
  sealing.shared_key_enc = crypto::base64(*ours.encrypt(crypto::base64(std::string(32, byte))));
  sealing.pub_key_cs = ours.checksum();
  return sealing;
}

const char* const kFreshLookup = "plookup:bypassCache:true:publickey@bob";

std::string text_of(const crypto::Secret& key) {
  return std::string(crypto::base64_secret(key.bytes()).text());
}

}  // namespace

TEST_CASE("a first letter makes the key and stores both records", "[atclient][shared_keys]") {
  World world;
  const auto made = world.outgoing(world.keys);
  REQUIRE(made);
  CHECK((*made)->key.size() == 32);
  CHECK((*made)->checksum == test::bob_keys()->encryption.public_key().checksum());
  CHECK(unwrapped_by_bob((*made)->enclosed) == text_of((*made)->key));

  REQUIRE(world.store.records.contains(kOwn));
  REQUIRE(world.store.records.contains(kTheirs));
  const auto& own = world.store.records.at(kOwn);
  CHECK(own.metadata.is_encrypted == false);
  const auto by_alice = test::alice_keys()->encryption.decrypt(*crypto::base64_decode(own.value));
  CHECK(std::string(by_alice->text()) == text_of((*made)->key));
  const auto& theirs = world.store.records.at(kTheirs);
  CHECK(theirs.metadata.ttr == 3'888'000);
  CHECK(unwrapped_by_bob(theirs.value) == text_of((*made)->key));
}

TEST_CASE("the key is asked for once", "[atclient][shared_keys]") {
  World world;
  REQUIRE(world.outgoing(world.keys));
  const auto asked = world.store.asked.size();
  REQUIRE(world.outgoing(world.keys));
  CHECK(world.store.asked.size() == asked);
}

TEST_CASE("first letters that go out together make one key", "[atclient][shared_keys]") {
  World world;
  std::vector<std::string> found;
  net::TaskGroup tasks(world.loop.get_executor(), nullptr);
  const auto one = [&]() -> asio::awaitable<void> {
    const auto made = co_await world.keys.outgoing(atsign("@bob"), net::in(5s));
    found.push_back(made ? text_of((*made)->key) : "");
  };
  for (int i = 0; i < 5; ++i) tasks.spawn(one());
  REQUIRE(test::eventually(world.loop, [&] { return tasks.size() == 0; }));
  REQUIRE(found.size() == 5);
  CHECK(std::count(found.begin(), found.end(), found.front()) == 5);
  CHECK(world.store.count("update:isEncrypted:false:shared_key.bob@alice") == 1);
}

TEST_CASE("a maker that is cancelled leaves the work to the next one", "[atclient][shared_keys]") {
  World world;
  net::TaskGroup doomed(world.loop.get_executor(), nullptr);
  const auto one = [&]() -> asio::awaitable<void> {
    static_cast<void>(co_await world.keys.outgoing(atsign("@bob"), net::in(5s)));
  };
  doomed.spawn(one());
  REQUIRE(test::eventually(world.loop, [&] { return !world.store.asked.empty(); }));
  doomed.cancel();
  CHECK(world.outgoing(world.keys));
  REQUIRE(test::eventually(world.loop, [&] { return doomed.size() == 0; }));
}

TEST_CASE("a key that exists is used and not written again", "[atclient][shared_keys]") {
  World world;
  const auto made = world.outgoing(world.keys);
  auto later = world.make();
  world.store.asked.clear();
  const auto found = world.outgoing(later);
  REQUIRE(found);
  CHECK(text_of((*found)->key) == text_of((*made)->key));
  CHECK(world.store.count("update") == 0);
  CHECK(world.store.asked.size() == 3);
}

TEST_CASE("a record for the recipient that is missing is written from ours",
          "[atclient][shared_keys]") {
  World world;
  const auto made = world.outgoing(world.keys);
  world.store.records.erase(kTheirs);
  auto later = world.make();
  const auto found = world.outgoing(later);
  REQUIRE(found);
  CHECK(text_of((*found)->key) == text_of((*made)->key));
  REQUIRE(world.store.records.contains(kTheirs));
  CHECK(unwrapped_by_bob(world.store.records.at(kTheirs).value) == text_of((*made)->key));
}

TEST_CASE("two processes that make the key at once end with one", "[atclient][shared_keys]") {
  World world;
  auto other = world.make();
  const auto both = [&]() -> asio::awaitable<Result<void>> {
    auto [a, b] = co_await net::both(world.keys.outgoing(atsign("@bob"), net::in(5s)),
                                     other.outgoing(atsign("@bob"), net::in(5s)));
    CHECK(a);
    CHECK(b);
    co_return Result<void>();
  };
  REQUIRE(test::run(world.loop, both()));
  const auto own = *crypto::base64_decode(world.store.records.at(kOwn).value);
  const std::string stored(test::alice_keys()->encryption.decrypt(own)->text());
  CHECK(unwrapped_by_bob(world.store.records.at(kTheirs).value) == stored);
}

TEST_CASE("our copy that we cannot read is replaced", "[atclient][shared_keys][hostile]") {
  World world;
  at::Update junk{at::Metadata(), *at::Key::parse(kOwn), "bm90IGEga2V5"};
  world.store.records.insert_or_assign(kOwn, junk);
  REQUIRE(world.outgoing(world.keys));
  CHECK(world.store.records.at(kOwn).value != junk.value);
}

TEST_CASE("a recipient with a new public key gets the key wrapped anew",
          "[atclient][shared_keys]") {
  World world;
  const auto made = world.outgoing(world.keys);
  world.store.public_keys["@bob"] = test::alice_keys()->pkam.public_key().text();
  REQUIRE(world.fresh_key(world.keys));
  const auto again = world.outgoing(world.keys);
  REQUIRE(again);
  CHECK((*again)->checksum == test::alice_keys()->pkam.public_key().checksum());
  CHECK(world.store.records.at(kTheirs).metadata.pub_key_cs == (*again)->checksum);
  CHECK((*again)->enclosed != (*made)->enclosed);
}

TEST_CASE("a peer that was activated anew can read our next letter", "[atclient][shared_keys]") {
  World world;
  const bool is_first_word_ours = GENERATE(true, false);
  if (is_first_word_ours) REQUIRE(world.outgoing(world.keys));
  REQUIRE(world.keys.enclosed(atsign("@bob"), from_bob('k')));
  const auto before = world.outgoing(world.keys);
  REQUIRE(before);
  const auto& renewed = test::alice_keys()->pkam.public_key();  // any other one
  world.store.public_keys["@bob"] = renewed.text();
  SECTION("by a letter with another key") {}
  SECTION("by word of it, then a letter") { world.keys.forget_incoming(atsign("@bob")); }
  SECTION("by a letter whose key must be fetched") {
    world.store.looked_up["shared_key@bob"] = *from_bob('n').shared_key_enc;
    REQUIRE(test::run(world.loop, world.keys.incoming(atsign("@bob"), true, net::in(5s))));
  }
  REQUIRE(world.keys.enclosed(atsign("@bob"), from_bob('n')));
  world.store.asked.clear();
  const auto after = world.outgoing(world.keys);
  REQUIRE(after);
  CHECK((*after)->checksum == renewed.checksum());
  CHECK(text_of((*after)->key) == text_of((*before)->key));
  CHECK(world.store.records.at(kTheirs).value == (*after)->enclosed);
  CHECK(world.store.records.at(kTheirs).metadata.pub_key_cs == renewed.checksum());
  CHECK(world.store.count("plookup") == 1);
  CHECK(world.store.count(kFreshLookup) == 1);
}

TEST_CASE("a new wrapping of the same key raises no doubt", "[atclient][shared_keys]") {
  World world;
  REQUIRE(world.outgoing(world.keys));
  for (int i = 0; i < 3; ++i) REQUIRE(world.keys.enclosed(atsign("@bob"), from_bob('k')));
  REQUIRE(world.outgoing(world.keys));
  CHECK(world.store.count(kFreshLookup) == 0);
}

TEST_CASE("the first key of a peer of whom nothing is remembered has its public key looked up anew",
          "[atclient][shared_keys]") {
  World world;
  REQUIRE(world.keys.enclosed(atsign("@bob"), from_bob('k')));
  REQUIRE(world.outgoing(world.keys));
  CHECK(world.store.count("plookup") == 1);
  CHECK(world.store.count(kFreshLookup) == 1);
}

TEST_CASE("a peer with ever new keys cannot make us look up for each of its letters",
          "[atclient][shared_keys][hostile]") {
  World world;
  REQUIRE(world.outgoing(world.keys));
  for (char byte = 'a'; byte < 'm'; ++byte) {
    REQUIRE(world.keys.enclosed(atsign("@bob"), from_bob(byte)));
    REQUIRE(world.outgoing(world.keys));
  }
  CHECK(world.store.count(kFreshLookup) == 1);
}

TEST_CASE("a public key that cannot be checked now keeps no letter back",
          "[atclient][shared_keys]") {
  World world;
  const auto before = world.outgoing(world.keys);
  REQUIRE(world.keys.enclosed(atsign("@bob"), from_bob('k')));
  REQUIRE(world.keys.enclosed(atsign("@bob"), from_bob('n')));
  world.store.fails = Error(Errc::timed_out, Hop::atserver, "away");
  const auto after = world.outgoing(world.keys);
  REQUIRE(after);
  CHECK((*after)->enclosed == (*before)->enclosed);
  CHECK(world.store.count(kFreshLookup) == 1);
}

TEST_CASE("a doubt is due once, and not sooner than a while after the last check",
          "[atclient][shared_keys]") {
  Doubts doubts(2);
  const auto bob = atsign("@bob");
  const Doubts::Time start{1h};
  CHECK_FALSE(doubts.is_due(bob, start));
  doubts.raise(bob);
  CHECK(doubts.is_due(bob, start));
  doubts.check(bob, start);
  CHECK_FALSE(doubts.is_due(bob, start));
  CHECK(doubts.is_due(bob, start + Doubts::kCheckEach));  // that check has failed
  doubts.settle(bob);
  CHECK_FALSE(doubts.is_due(bob, start + Doubts::kCheckEach));
  doubts.raise(bob);
  CHECK_FALSE(doubts.is_due(bob, start + 1s));
  CHECK(doubts.is_due(bob, start + Doubts::kCheckEach));
}

TEST_CASE("a recipient without a public key is said to be not activated",
          "[atclient][shared_keys]") {
  World world;
  world.store.public_keys.clear();
  const auto made = world.outgoing(world.keys);
  REQUIRE_FALSE(made);
  CHECK(made.error().code() == Errc::not_found);
  CHECK(made.error().hint().find("@bob") != std::string::npos);
  CHECK(world.store.count("update") == 0);
}

TEST_CASE("a failure is not remembered", "[atclient][shared_keys]") {
  World world;
  world.store.fails = Error(Errc::disconnected, Hop::atserver, "gone");
  CHECK_FALSE(world.outgoing(world.keys));
  world.store.fails.reset();
  CHECK(world.outgoing(world.keys));
}

TEST_CASE("a key that came with a value is unwrapped, and one that is not for us refused",
          "[atclient][shared_keys][hostile]") {
  World world;
  const auto text = crypto::base64(std::string(32, 'k'));
  const auto& ours = test::alice_keys()->encryption.public_key();
  Sealing sealing;
  sealing.shared_key_enc = crypto::base64(*ours.encrypt(text));
  sealing.pub_key_cs = ours.checksum();
  const auto key = world.keys.enclosed(atsign("@bob"), sealing);
  REQUIRE(key);
  CHECK((*key)->text() == std::string(32, 'k'));

  sealing.pub_key_cs = std::string(32, '0');
  const auto other = world.keys.enclosed(atsign("@bob"), sealing);
  REQUIRE_FALSE(other);
  CHECK(other.error().code() == Errc::bad_signature);

  sealing.pub_key_cs.reset();
  for (const auto* junk : {"", "AAAA", "not base64"}) {
    sealing.shared_key_enc = junk;
    CHECK_FALSE(world.keys.enclosed(atsign("@bob"), sealing));
  }
  sealing.shared_key_enc = crypto::base64(*ours.encrypt("c2hvcnQ="));  // no 32 bytes
  CHECK_FALSE(world.keys.enclosed(atsign("@bob"), sealing));
}

TEST_CASE("the key of a sender who sends none along is fetched and remembered",
          "[atclient][shared_keys]") {
  World world;
  CHECK(*world.keys.enclosed(atsign("@bob"), Sealing()) == nullptr);
  const auto& ours = test::alice_keys()->encryption.public_key();
  world.store.looked_up["shared_key@bob"] =
      crypto::base64(*ours.encrypt(crypto::base64(std::string(32, 'q'))));
  const auto fetched =
      test::run(world.loop, world.keys.incoming(atsign("@bob"), true, net::in(5s)));
  REQUIRE(fetched);
  CHECK((*fetched)->text() == std::string(32, 'q'));
  CHECK(world.store.asked.back() == "lookup:bypassCache:true:shared_key@bob");
  CHECK((*world.keys.enclosed(atsign("@bob"), Sealing()))->text() == std::string(32, 'q'));
}

TEST_CASE("our own public key needs no look-up", "[atclient][shared_keys]") {
  World world;
  const auto key =
      test::run(world.loop, world.keys.public_key(atsign("@alice"), true, net::in(5s)));
  REQUIRE(key);
  CHECK(key->text() == test::alice_keys()->encryption.public_key().text());
  CHECK(world.store.asked.empty());
}

TEST_CASE("strangers cannot fill the memory of keys", "[atclient][shared_keys][hostile]") {
  World world;
  const auto& ours = test::alice_keys()->encryption.public_key();
  const auto wrapped = crypto::base64(*ours.encrypt(crypto::base64(std::string(32, 'q'))));
  for (std::size_t i = 0; i < SharedKeys::kMost + 10; ++i) {
    world.store.public_keys["@s" + std::to_string(i)] = ours.text();
  }
  for (std::size_t i = 0; i < SharedKeys::kMost + 10; ++i) {
    REQUIRE(test::run(world.loop,
                      world.keys.public_key(atsign("@s" + std::to_string(i)), false, net::in(5s))));
  }
  world.store.asked.clear();
  const auto last = atsign("@s" + std::to_string(SharedKeys::kMost + 9));
  REQUIRE(test::run(world.loop, world.keys.public_key(last, false, net::in(5s))));
  CHECK(world.store.asked.empty());
}
