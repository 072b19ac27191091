// SPDX-License-Identifier: BSD-3-Clause
// Clients of two atSigns against a real platform.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "noports/net/task_group.hpp"
#include "platform_world.hpp"

using namespace noports;
using namespace noports::atclient;
using namespace std::chrono_literals;
using test::PlatformWorld;

namespace {

at::Atsign atsign(std::string_view text) { return *at::Atsign::parse(text); }
at::KeyName name(std::string_view text) { return *at::KeyName::parse(text); }

Letter letter(std::string_view to, std::string value) {
  return Letter{atsign(to), name("ping.lab.sshnp"), std::move(value)};
}

Inbox everything(Client& client) {
  return client.subscribe([](const at::Atsign&, std::string_view) { return true; });
}

struct Two : PlatformWorld {
  Two() {
    activate("@ann");
    activate("@dev");
    ann = PlatformWorld::connect("@ann");
    dev = PlatformWorld::connect("@dev");
  }
  ~Two() {
    if (ann) close(*ann);
    if (dev) close(*dev);
  }
  Result<void> send(Client& from, Letter what, std::chrono::milliseconds patience = 15s) {
    return test::run(loop, from.notify(std::move(what), net::in(patience)));
  }
  Result<Note> next(Inbox& inbox, std::chrono::milliseconds patience = 15s) {
    return test::run(loop, net::before(net::in(patience), inbox.next()));
  }

  std::unique_ptr<Client> ann, dev;
};

}  // namespace

TEST_CASE("letters arrive decrypted, both ways, from the first one on", "[integration][atclient]") {
  Two world;
  auto to_dev = everything(*world.dev);
  auto to_ann = everything(*world.ann);
  for (const auto* text : {"ping", "another", "{\"ünï\": \"cødé\"}"}) {
    REQUIRE(world.send(*world.ann, letter("@dev", text)));
    const auto note = world.next(to_dev);
    REQUIRE(note);
    CHECK(note->from == atsign("@ann"));
    CHECK(note->key == name("ping.lab.sshnp"));
    CHECK(note->value == text);
    CHECK(note->epoch_millis > 1'600'000'000'000);
    REQUIRE(world.send(*world.dev, letter("@ann", std::string("re: ") + text)));
    CHECK(world.next(to_ann)->value == std::string("re: ") + text);
  }
  CHECK(world.ann->is_connected());
  CHECK(world.dev->seen_until() > 1'600'000'000'000);
}

TEST_CASE("a peer that was activated anew is answered so that it can read it",
          "[integration][atclient]") {
  Two world;
  auto to_dev = everything(*world.dev);
  {
    auto to_ann = everything(*world.ann);
    REQUIRE(world.send(*world.ann, letter("@dev", "old")));
    REQUIRE(world.next(to_dev));
    REQUIRE(world.send(*world.dev, letter("@ann", "re: old")));
    REQUIRE(world.next(to_ann));
  }
  world.close(*world.ann);
  auto account = world.account("@ann");
  auto keys = *keys::make_keys();
  keys.pkam = account.keys->pkam;  // the atServer's part is not what this is about
  const auto published = keys.encryption.public_key().text();
  account.keys = std::make_shared<const keys::Keys>(std::move(keys));
  world.ann = *world.try_connect(account);
  REQUIRE(test::run(world.loop, world.ann->put_public(name("publickey"), published, net::in(15s))));

  auto to_ann = everything(*world.ann);
  REQUIRE(world.send(*world.ann, letter("@dev", "new")));
  CHECK(world.next(to_dev)->value == "new");
  REQUIRE(world.send(*world.dev, letter("@ann", "re: new")));
  const auto answer = world.next(to_ann);
  REQUIRE(answer);
  CHECK(answer->value == "re: new");
}

TEST_CASE("a letter reaches who subscribed to it alone", "[integration][atclient]") {
  Two world;
  auto wanted = world.dev->subscribe([](const at::Atsign& from, std::string_view key) {
    return from.str() == "@ann" && key == "b.lab.sshnp";
  });
  auto one = letter("@dev", "one");
  auto two = letter("@dev", "two");
  two.key = name("b.lab.sshnp");
  REQUIRE(world.send(*world.ann, one));
  REQUIRE(world.send(*world.ann, two));
  CHECK(world.next(wanted)->value == "two");
}

TEST_CASE("a letter to an atSign that does not exist fails with a hint",
          "[integration][atclient]") {
  Two world;
  const auto sent = world.send(*world.ann, letter("@nobody", "x"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code() == Errc::not_found);
  CHECK_FALSE(sent.error().hint().empty());
  CHECK(sent.error().what().find("notifying @nobody") == 0);
}

TEST_CASE("records are stored for somebody, read, listed and removed", "[integration][atclient]") {
  Two world;
  Record record{atsign("@ann"), name("username.lab.sshnp"), "pi", 60s, -1, true};
  REQUIRE(test::run(world.loop, world.dev->put(record, net::in(15s))));
  const auto get = [&](bool fresh) {
    return test::run(world.loop, world.ann->get(atsign("@dev"), name("username.lab.sshnp"), fresh,
                                                net::in(15s)));
  };
  CHECK(get(false).value() == "pi");
  CHECK(get(true).value() == "pi");

  const auto keys = test::run(world.loop, world.dev->scan("username\\.", net::in(15s)));
  REQUIRE(keys);
  CHECK(*keys == std::vector<std::string>{"@ann:username.lab.sshnp@dev"});

  const auto key = at::Key::shared(atsign("@ann"), name("username.lab.sshnp"), atsign("@dev"));
  REQUIRE(test::run(world.loop, world.dev->remove(key, net::in(15s))));
  const auto gone = get(true);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code() == Errc::not_found);
  CHECK_FALSE(test::run(world.loop, world.dev->scan("a b", net::in(15s))));
}

TEST_CASE("of two programs with one task and one atSign, one has it", "[integration][atclient]") {
  Two world;
  const auto task = name("6f1c0d5e-0000-4000-8000-000000000001.session_mutexes.sshnp");
  const auto claim = [&](std::chrono::milliseconds ttl) {
    return test::run(world.loop, world.dev->claim(task, ttl, net::in(15s)));
  };
  CHECK(claim(50ms).value());
  CHECK_FALSE(claim(50ms).value());
  // When the time is over it may be claimed again.
  const auto until = net::in(15s);
  bool again = false;
  while (!again && std::chrono::steady_clock::now() < until) again = claim(60s).value();
  CHECK(again);
  CHECK_FALSE(claim(60s).value());
}

TEST_CASE("public keys and public records are found", "[integration][atclient]") {
  Two world;
  const auto key = test::run(world.loop, world.ann->public_key(atsign("@dev"), true, net::in(15s)));
  REQUIRE(key);
  CHECK(key->text() == world.account("@dev").keys->encryption.public_key().text());
  // Below the name of its own enrolment, and below no other.
  const auto enrolment = world.account("@dev").keys->enrollment_id;
  REQUIRE(enrolment);
  const auto own = name("_apsk." + *enrolment + ".a.__e");
  CHECK(test::run(world.loop, world.dev->put_public(own, "value", net::in(15s))));
  const auto others = name("_apsk.primary.a.__e");
  const auto refused = test::run(world.loop, world.dev->put_public(others, "value", net::in(15s)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hop() == Hop::atserver);
  const auto none =
      test::run(world.loop, world.ann->public_key(atsign("@nobody"), false, net::in(15s)));
  REQUIRE_FALSE(none);
  CHECK(none.error().code() == Errc::not_found);
}

TEST_CASE("a letter sent while the platform restarts is delivered once",
          "[integration][atclient]") {
  Two world;
  auto inbox = everything(*world.dev);
  REQUIRE(world.send(*world.ann, letter("@dev", "before")));
  CHECK(world.next(inbox)->value == "before");

  world.stop();
  Result<void> sent = fail(Errc::io, "not yet");
  net::TaskGroup users(world.loop.get_executor(), nullptr);
  const auto user = [&]() -> asio::awaitable<void> {
    sent = co_await world.ann->notify(letter("@dev", "during"), net::in(20s));
  };
  users.spawn(user());
  REQUIRE(test::eventually(world.loop, [&] { return !world.dev->is_connected(); }));
  world.start();
  REQUIRE(test::eventually(world.loop, [&] { return users.size() == 0; }));
  REQUIRE(sent);
  CHECK(world.next(inbox)->value == "during");
  REQUIRE(world.send(*world.ann, letter("@dev", "after")));
  CHECK(world.next(inbox)->value == "after");
}

TEST_CASE("letters in a stream survive restarts, each exactly once", "[integration][atclient]") {
  Two world;
  auto inbox = everything(*world.dev);
  std::map<std::string, int> got;
  std::size_t failed = 0;
  constexpr int kLetters = 60;
  net::TaskGroup users(world.loop.get_executor(), nullptr);
  const auto writer = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < kLetters; ++i) {
      auto sent = co_await world.ann->notify(letter("@dev", std::to_string(i)), net::in(20s));
      failed += sent ? 0 : 1;
    }
  };
  const auto reader = [&]() -> asio::awaitable<void> {
    while (got.size() < kLetters) {
      auto note = co_await inbox.next();
      if (!note) co_return;
      ++got[note->value];
    }
  };
  users.spawn(writer());
  users.spawn(reader());
  for (std::size_t restart = 1; restart <= 3; ++restart) {
    REQUIRE(test::eventually(world.loop, [&] { return got.size() >= restart * 12; }));
    world.stop();
    world.start();
  }
  REQUIRE(test::eventually(
      world.loop, [&] { return users.size() == 0; }, 60s));
  CHECK(failed == 0);
  CHECK(got.size() == kLetters);
  for (const auto& [text, times] : got) CHECK(times == 1);
}

TEST_CASE("a program that restarts resumes where it was", "[integration][atclient]") {
  Two world;
  auto inbox = everything(*world.dev);
  REQUIRE(world.send(*world.ann, letter("@dev", "before")));
  REQUIRE(world.next(inbox));
  auto account = world.account("@dev");
  account.resume_from = world.dev->seen_until();
  world.close(*world.dev);
  REQUIRE(world.send(*world.ann, letter("@dev", "while away")));

  auto again = world.try_connect(account);
  REQUIRE(again);
  world.dev = *std::move(again);
  auto later = everything(*world.dev);
  CHECK(world.next(later)->value == "while away");
}

TEST_CASE("two clients of one atSign that write first letters at once agree on the key",
          "[integration][atclient]") {
  Two world;
  auto account = world.account("@ann");
  account.helpers = 2;
  auto second = world.try_connect(account);
  REQUIRE(second);
  auto inbox = everything(*world.dev);
  const auto both = [&]() -> asio::awaitable<Result<void>> {
    auto [a, b] = co_await net::both(world.ann->notify(letter("@dev", "a"), net::in(15s)),
                                     (*second)->notify(letter("@dev", "b"), net::in(15s)));
    if (!a) co_return a;
    co_return b;
  };
  REQUIRE(test::run(world.loop, both()));
  std::set<std::string> got;
  got.insert(world.next(inbox)->value);
  got.insert(world.next(inbox)->value);
  CHECK(got == std::set<std::string>{"a", "b"});
  world.close(**second);
}

TEST_CASE("closing ends what waits", "[integration][atclient]") {
  Two world;
  auto inbox = everything(*world.dev);
  Result<Note> note = fail(Errc::io, "not yet");
  net::TaskGroup users(world.loop.get_executor(), nullptr);
  const auto reader = [&]() -> asio::awaitable<void> { note = co_await inbox.next(); };
  users.spawn(reader());
  world.close(*world.dev);
  REQUIRE(test::eventually(world.loop, [&] { return users.size() == 0; }));
  CHECK(note.error().code() == Errc::disconnected);
  CHECK(world.send(*world.dev, letter("@ann", "x")).error().code() == Errc::disconnected);
}

TEST_CASE("a connection that cannot be made says where and what to do", "[integration][atclient]") {
  Two world;
  SECTION("keys of somebody else") {
    auto account = world.account("@ann");
    account.self = atsign("@dev");
    const auto made = world.try_connect(account);
    REQUIRE_FALSE(made);
    // Their enrolment is unknown here, which is said in the words for one that has expired.
    CHECK(made.error().code() == Errc::revoked);
    CHECK(made.error().hop() == Hop::atserver);
    CHECK_FALSE(made.error().hint().empty());
  }
  SECTION("an atSign that the directory does not know") {
    auto account = world.account("@ann");
    account.self = atsign("@nobody");
    const auto made = world.try_connect(account);
    REQUIRE_FALSE(made);
    CHECK(made.error().code() == Errc::not_set_up);
    CHECK(made.error().hop() == Hop::directory);
  }
  SECTION("an authority that is not trusted") {
    PlatformWorld other;
    auto account = world.account("@ann");
    account.tls = other.tls();
    const auto made = world.try_connect(account);
    REQUIRE_FALSE(made);
    CHECK(made.error().code() == Errc::rejected);
    CHECK(made.error().hop() == Hop::directory);
  }
  SECTION("nobody listens") {
    world.stop();
    const auto made = world.try_connect(world.account("@ann"));
    REQUIRE_FALSE(made);
    CHECK(made.error().hop() == Hop::directory);
  }
}
