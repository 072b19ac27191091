// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/reception.hpp"

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "fake_store.hpp"
#include "fixtures.hpp"
#include "noports/atclient/last_resort.hpp"
#include "noports/crypto/base64.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace noports::atclient;
using namespace std::chrono_literals;
using test::atsign;

namespace {

const std::string kKey(32, 'k');

struct World {
  asio::io_context loop;
  test::FakeStore store{loop};
  SharedKeys keys{loop.get_executor(), atsign("@alice"), test::alice_keys(), store.ask()};
  Inboxes inboxes{loop.get_executor()};
  net::TaskGroup tasks{loop.get_executor(), nullptr};
  Reception reception{atsign("@alice"), inboxes, keys, tasks};

  ~World() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }

  Inbox subscribe(std::string from = "@bob") {
    auto inbox = inboxes.subscribe(
        [from](const at::Atsign& sender, std::string_view) { return sender.str() == from; });
    reception.release();
    return inbox;
  }
  void settle() { test::run(loop, settled()); }
  asio::awaitable<void> settled() {
    co_await asio::post(loop, asio::use_awaitable);
    co_await asio::post(loop, asio::use_awaitable);
  }
  Result<Note> next(Inbox& inbox) {
    return test::run(loop, net::before(net::in(5s), inbox.next()));
  }
  // Whether something has been delivered so far.
  bool is_empty(Inbox& inbox) {
    settle();
    return !test::run(loop, net::before(net::in(0s), inbox.next()));
  }
};

// From @bob to @alice, with its key enclosed.
at::Notification letter(std::string id, std::string text) {
  const auto sealed = *seal(crypto::Secret(kKey), text);
  const auto& ours = test::alice_keys()->encryption.public_key();
  at::Notification note;
  note.id = std::move(id);
  note.from = "@bob";
  note.to = "@alice";
  note.key = "@alice:ping.lab.sshnp@bob";
  note.value = sealed.value;
  note.epoch_millis = 7;
  note.iv_nonce = sealed.iv;
  note.shared_key_enc = crypto::base64(*ours.encrypt(crypto::base64(kKey)));
  note.pub_key_cs = ours.checksum();
  return note;
}

}  // namespace

TEST_CASE("a letter is decrypted for who wants it", "[atclient][reception]") {
  World world;
  auto inbox = world.subscribe();
  world.settle();
  world.reception.hear(letter("1", "ping"));
  const auto note = world.next(inbox);
  REQUIRE(note);
  CHECK(note->id == "1");
  CHECK(note->from.str() == "@bob");
  CHECK(note->key.str() == "ping.lab.sshnp");
  CHECK(note->value == "ping");
  CHECK(note->epoch_millis == 7);
}

TEST_CASE("letters that come before the first subscription wait for all of its turn",
          "[atclient][reception]") {
  World world;
  world.reception.hear(letter("1", "early"));
  auto first = world.subscribe();
  auto second = world.subscribe();
  world.reception.hear(letter("2", "late"));
  for (auto* inbox : {&first, &second}) {
    CHECK(world.next(*inbox)->value == "early");
    CHECK(world.next(*inbox)->value == "late");
  }
}

TEST_CASE("nothing is decrypted that nobody wants", "[atclient][reception][hostile]") {
  World world;
  auto inbox = world.subscribe("@carol");
  world.settle();
  auto note = letter("1", "ping");
  note.shared_key_enc.reset();
  world.reception.hear(note);
  CHECK(world.is_empty(inbox));
  CHECK(world.store.asked.empty());
}

TEST_CASE("what is no proper letter from its sender to us is dropped",
          "[atclient][reception][hostile]") {
  World world;
  auto inbox = world.subscribe();
  world.settle();
  auto note = letter("1", "ping");
  SECTION("plain text") { note.is_encrypted = false; }
  SECTION("the key of another sender") { note.key = "@alice:ping.lab.sshnp@carol"; }
  SECTION("a key for another recipient") { note.key = "@carol:ping.lab.sshnp@bob"; }
  SECTION("to somebody else") { note.to = "@carol"; }
  SECTION("a cached key") { note.key = "cached:@alice:ping.lab.sshnp@bob"; }
  SECTION("a public key") { note.key = "public:ping.lab.sshnp@bob"; }
  SECTION("no key") { note.key = "nonsense"; }
  SECTION("no value") { note.value.reset(); }
  SECTION("a huge value") { note.value = std::string(Reception::kMostValue + 1, 'A'); }
  SECTION("a deletion") { note.operation = at::Operation::remove; }
  SECTION("a text message") { note.is_text = true; }
  SECTION("a sender that is none") { note.from = "@b b"; }
  SECTION("a foreign cipher") { note.enc_algo = "at/symmetric/AES/GCM"; }
  SECTION("a key wrapped for others") { note.pub_key_cs = std::string(32, '0'); }
  SECTION("a key that cannot be unwrapped") { note.shared_key_enc = "AAAA"; }
  SECTION("a value that does not decrypt") { note.value = "AAAA"; }
  world.reception.hear(note);
  CHECK(world.is_empty(inbox));
}

TEST_CASE("a letter that says nothing of encryption is an encrypted one", "[atclient][reception]") {
  World world;
  auto inbox = world.subscribe();
  auto note = letter("1", "ping");
  note.is_encrypted.reset();
  world.reception.hear(note);
  CHECK(world.next(inbox)->value == "ping");
}

TEST_CASE("the key of a letter that came without is fetched", "[atclient][reception]") {
  World world;
  auto inbox = world.subscribe();
  const auto& ours = test::alice_keys()->encryption.public_key();
  world.store.looked_up["shared_key@bob"] = crypto::base64(*ours.encrypt(crypto::base64(kKey)));
  for (const auto* text : {"one", "two"}) {
    auto note = letter(text, text);
    note.shared_key_enc.reset();
    note.pub_key_cs.reset();
    world.reception.hear(note);
    CHECK(world.next(inbox)->value == text);
  }
  CHECK(world.store.count("lookup:shared_key@bob") == 1);
}

TEST_CASE("a remembered key that has been replaced is fetched anew", "[atclient][reception]") {
  World world;
  auto inbox = world.subscribe();
  const auto& ours = test::alice_keys()->encryption.public_key();
  world.store.looked_up["shared_key@bob"] =
      crypto::base64(*ours.encrypt(crypto::base64(std::string(32, 'o'))));
  REQUIRE(test::run(world.loop, world.keys.incoming(atsign("@bob"), false, net::in(5s))));
  world.store.looked_up["shared_key@bob"] = crypto::base64(*ours.encrypt(crypto::base64(kKey)));
  // Long enough that the old key cannot unpad it by chance.
  auto note = letter("1", std::string(15, 'x'));
  note.shared_key_enc.reset();
  world.reception.hear(note);
  CHECK(world.next(inbox)->value == std::string(15, 'x'));
}

TEST_CASE("a sender who makes a new key has the old one forgotten", "[atclient][reception]") {
  World world;
  auto inbox = world.inboxes.subscribe([](const at::Atsign&, std::string_view) { return true; });
  world.reception.release();
  const auto& ours = test::alice_keys()->encryption.public_key();
  world.store.looked_up["shared_key@bob"] =
      crypto::base64(*ours.encrypt(crypto::base64(std::string(32, 'o'))));
  REQUIRE(test::run(world.loop, world.keys.incoming(atsign("@bob"), false, net::in(5s))));
  auto note = letter("1", "x");
  note.key = "@alice:shared_key@bob";
  note.is_encrypted = false;
  world.reception.hear(note);
  CHECK(*world.keys.enclosed(atsign("@bob"), Sealing()) == nullptr);
  CHECK(world.is_empty(inbox));
}

TEST_CASE("a sender without keys cannot make us look up without end",
          "[atclient][reception][hostile]") {
  World world;
  auto inbox = world.subscribe();
  world.settle();
  for (std::size_t i = 0; i < Reception::kMostFetched + 50; ++i) {
    auto note = letter(std::to_string(i), "x");
    note.shared_key_enc.reset();
    world.reception.hear(note);
  }
  CHECK(world.tasks.size() <= Reception::kMostFetched);
  CHECK(world.is_empty(inbox));
}

TEST_CASE("letters without a subscriber are held up to a limit", "[atclient][reception][hostile]") {
  World world;
  for (std::size_t i = 0; i < Reception::kMostHeld + 5; ++i) {
    world.reception.hear(letter(std::to_string(i), "x"));
  }
  auto inbox = world.subscribe();
  CHECK(world.next(inbox)->id == "5");
}

TEST_CASE("a full inbox drops its oldest note", "[atclient][inboxes]") {
  World world;
  auto inbox = world.subscribe();
  for (std::size_t i = 0; i < Inboxes::kMost + 3; ++i) {
    Note note{std::to_string(i), atsign("@bob"), test::key_name("a.b"), "v", 0};
    CHECK(world.inboxes.deliver(note) == 1);
  }
  CHECK(world.next(inbox)->id == "3");
}

TEST_CASE("a closed mailbox ends every wait, also later ones", "[atclient][inboxes]") {
  World world;
  auto inbox = world.subscribe();
  world.inboxes.close(Error(Errc::disconnected, "closed"));
  CHECK(world.next(inbox).error().code() == Errc::disconnected);
  auto late = world.subscribe();
  CHECK(world.next(late).error().code() == Errc::disconnected);
}

TEST_CASE("a mailbox whose connection dies by a bug ends the waits of its users, now and later",
          "[atclient][inboxes]") {
  World world;
  auto inbox = world.subscribe();
  net::TaskGroup connections(world.loop.get_executor(), last_resort([&] {
                               world.inboxes.close(Error(Errc::disconnected, "closed"));
                             }));
  const auto buggy = [&]() -> asio::awaitable<void> {
    co_await asio::post(world.loop, asio::use_awaitable);
    throw std::logic_error("a bug");
  };
  connections.spawn(buggy());
  CHECK(world.next(inbox).error().code() == Errc::disconnected);
  auto late = world.subscribe();
  CHECK(world.next(late).error().code() == Errc::disconnected);
  CHECK(connections.size() == 0);
}

TEST_CASE("a subscription ends when it dies", "[atclient][inboxes]") {
  World world;
  {
    auto inbox = world.subscribe();
    CHECK(world.inboxes.is_wanted(atsign("@bob"), "a.b"));
  }
  CHECK_FALSE(world.inboxes.is_wanted(atsign("@bob"), "a.b"));
}
