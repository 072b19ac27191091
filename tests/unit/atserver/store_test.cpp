// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/store.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/temp_folder.hpp"

using namespace noports;
using namespace noports::atserver;

namespace {

constexpr std::int64_t kNow = 1'727'773'200'123;

at::Atsign atsign(const std::string& name) { return *at::Atsign::parse(name); }

crypto::Secret secret() { return crypto::Secret(std::string_view("secret")); }

Record record(const std::string& key, const std::string& value) {
  Record one;
  one.key = key;
  one.value = value;
  one.created = one.updated = kNow;
  return one;
}

at::Notification note(const std::string& id, const std::string& from = "@alice") {
  at::Notification one;
  one.id = id;
  one.from = from;
  one.to = "@bob";
  one.key = "@bob:x.y" + from;
  return one;
}

// Whether another process finds the file in use: a lock on the bytes that SQLite shares.
bool is_in_use(const std::filesystem::path& file) {
  const auto child = ::fork();
  if (child == 0) {
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_start = 0x40000002;
    lock.l_len = 510;
    const int fd = ::open(file.c_str(), O_RDWR);
    const bool asked = fd >= 0 && ::fcntl(fd, F_GETLK, &lock) == 0;
    ::_exit(!asked ? 2 : lock.l_type == F_UNLCK ? 1 : 0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) < 2);
  return WEXITSTATUS(status) == 0;
}

}  // namespace

// Otherwise `atplatform add` would take the log away under a server whose registrar has the store
// open as well.
TEST_CASE("a second connection of the process leaves the locks of the first", "[atserver][store]") {
  test::TempFolder folder;
  const auto file = folder.path() / "store";
  auto first = *Store::open(file);
  REQUIRE(first->add(atsign("@bob"), secret(), kNow));
  CHECK(is_in_use(file));
  auto second = *Store::open(file);
  CHECK(is_in_use(file));
  second.reset();
  CHECK(is_in_use(file));
  first.reset();
  CHECK_FALSE(is_in_use(file));
}

TEST_CASE("what was committed is there after the store is opened again", "[atserver][store]") {
  test::TempFolder folder;
  const auto file = folder.path() / "store";
  {
    auto store = *Store::open(file);
    REQUIRE(store->add(atsign("@bob"), secret(), kNow));
    Database::Scope scope(store->database());
    const auto bob = *store->accounts.find(atsign("@bob"));
    auto one = record("phone.demo@bob", "v\x01\xc3\xa9");
    one.metadata.ttl = 5;
    one.metadata.iv_nonce = "abc==";
    set_lifetimes(one);
    CHECK(store->records.put(bob.id, one) == 0);
    store->accounts.set_port(bob.id, 4711);
    store->accounts.set_setting("a", "b");
    REQUIRE(store->notifications.receive(bob.id, note("n1"), kNow, kNow + 10));
    REQUIRE(scope.finish());
    CHECK(store->dirty());
    REQUIRE(store->commit());
    CHECK_FALSE(store->dirty());
  }
  auto store = *Store::open(file);
  Database::Scope scope(store->database());
  const auto bob = store->accounts.find(atsign("@bob"));
  REQUIRE(bob);
  CHECK(bob->port == 4711);
  CHECK(store->accounts.setting("a") == "b");
  const auto one = store->records.find(bob->id, "phone.demo@bob");
  REQUIRE(one);
  CHECK(one->value == "v\x01\xc3\xa9");
  CHECK(one->metadata.iv_nonce == "abc==");
  CHECK(one->expires == kNow + 5);
  CHECK(store->notifications.after(bob->id, 0, kNow, 9).size() == 1);
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("what was not committed is not there after a crash", "[atserver][store]") {
  test::TempFolder folder;
  const auto file = folder.path() / "store";
  {
    auto store = *Store::open(file);
    REQUIRE(store->add(atsign("@bob"), secret(), kNow));
    Database::Scope scope(store->database());
    store->records.put(store->accounts.find(atsign("@bob"))->id, record("a@bob", "1"));
    REQUIRE(scope.finish());
  }
  auto store = *Store::open(file);
  Database::Scope scope(store->database());
  const auto bob = *store->accounts.find(atsign("@bob"));
  CHECK_FALSE(store->records.find(bob.id, "a@bob"));
}

TEST_CASE("a request that is not finished leaves nothing behind, its neighbours stay",
          "[atserver][store]") {
  auto store = *Store::open({});
  REQUIRE(store->add(atsign("@bob"), secret(), kNow));
  std::int64_t bob = 0;
  {
    Database::Scope scope(store->database());
    bob = store->accounts.find(atsign("@bob"))->id;
    store->records.put(bob, record("a@bob", "1"));
    REQUIRE(scope.finish());
  }
  {
    Database::Scope scope(store->database());
    store->records.put(bob, record("b@bob", "1"));
    store->records.erase(bob, "a@bob");
  }
  REQUIRE(store->commit());
  Database::Scope scope(store->database());
  CHECK(store->records.find(bob, "a@bob"));
  CHECK_FALSE(store->records.find(bob, "b@bob"));
}

TEST_CASE("an atSign is added once", "[atserver][store]") {
  auto store = *Store::open({});
  REQUIRE(store->add(atsign("@bob"), secret(), kNow));
  const auto again = store->add(atsign("@bob"), secret(), kNow);
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == Errc::config);
  CHECK_FALSE(store->dirty());
}

TEST_CASE("commit ids count from 0 and are never used twice", "[atserver][store]") {
  auto store = *Store::open({});
  REQUIRE(store->add(atsign("@bob"), secret(), kNow));
  Database::Scope scope(store->database());
  const auto bob = store->accounts.find(atsign("@bob"))->id;
  auto& records = store->records;
  CHECK(records.put(bob, record("a@bob", "1")) == 0);
  CHECK(records.put(bob, record("a@bob", "2")) == 1);
  CHECK(records.erase(bob, "a@bob") == 2);
  CHECK(records.erase(bob, "never.was@bob") == 3);
  CHECK(records.put(bob, record("public:__hidden@bob", "1")) == 4);
  for (const auto* key : {"privatekey:at_secret", "private:x@bob", "public:_s@bob",
                          "i.new.enrollments.__manage@bob"}) {
    CAPTURE(key);
    CHECK(records.put(bob, record(key, "1")) == -1);
  }
}

TEST_CASE("epochs increase strictly, also when the clock does not", "[atserver][store]") {
  auto store = *Store::open({});
  REQUIRE(store->add(atsign("@bob"), secret(), kNow));
  Database::Scope scope(store->database());
  const auto bob = store->accounts.find(atsign("@bob"))->id;
  auto& notes = store->notifications;
  CHECK(notes.receive(bob, note("1"), kNow, kNow + 99)->epoch == kNow);
  CHECK(notes.receive(bob, note("2"), kNow, kNow + 99)->epoch == kNow + 1);
  CHECK(notes.receive(bob, note("3"), kNow - 500, kNow + 99)->epoch == kNow + 2);
  CHECK(notes.receive(bob, note("4"), kNow + 7, kNow + 99)->epoch == kNow + 7);
  CHECK(notes.last_epoch(bob) == kNow + 7);
  const auto later = notes.after(bob, kNow + 1, kNow, 10);
  REQUIRE(later.size() == 2);
  CHECK(later[0].epoch == kNow + 2);
  CHECK(later[1].epoch == kNow + 7);
  CHECK(notes.after(bob, 0, kNow, 3).size() == 3);
}

TEST_CASE("a sender's id is stored once, another sender's equal id is another",
          "[atserver][store][hostile]") {
  auto store = *Store::open({});
  REQUIRE(store->add(atsign("@bob"), secret(), kNow));
  Database::Scope scope(store->database());
  const auto bob = store->accounts.find(atsign("@bob"))->id;
  auto& notes = store->notifications;
  CHECK(notes.receive(bob, note("1", "@mallory"), kNow, kNow + 99));
  CHECK(notes.receive(bob, note("1", "@alice"), kNow, kNow + 99));
  CHECK_FALSE(notes.receive(bob, note("1", "@alice"), kNow, kNow + 99));
  notes.remove(bob, "1");
  CHECK(notes.after(bob, 0, kNow, 9).empty());
  CHECK_FALSE(notes.receive(bob, note("1", "@alice"), kNow, kNow + 99));
}

TEST_CASE("what has expired is swept away", "[atserver][store]") {
  auto store = *Store::open({});
  REQUIRE(store->add(atsign("@bob"), secret(), kNow));
  Database::Scope scope(store->database());
  const auto bob = store->accounts.find(atsign("@bob"))->id;
  auto brief = record("brief@bob", "1");
  brief.metadata.ttl = 10;
  set_lifetimes(brief);
  store->records.put(bob, brief);
  store->records.put(bob, record("lasting@bob", "1"));
  store->notifications.receive(bob, note("1"), kNow, kNow + 10);
  CHECK(store->records.sweep(kNow + 9, 100) == 0);
  CHECK(store->records.sweep(kNow + 10, 100) == 1);
  CHECK(store->notifications.sweep(kNow + 9, 100) == 0);
  CHECK(store->notifications.sweep(kNow + 10, 100) == 1);
  CHECK_FALSE(store->records.find(bob, "brief@bob"));
  CHECK(store->records.find(bob, "lasting@bob"));
}

TEST_CASE("a store of another version is refused", "[atserver][store][hostile]") {
  test::TempFolder folder;
  const auto file = folder.path() / "store";
  REQUIRE(Database::open(file, "CREATE TABLE t(x)", 7));
  const auto store = Store::open(file);
  REQUIRE_FALSE(store);
  CHECK(store.error().code() == Errc::config);
}

TEST_CASE("a file that is no store is an error", "[atserver][store][hostile]") {
  test::TempFolder folder;
  const auto file = folder.write("store", std::string(5000, 'x'));
  CHECK_FALSE(Store::open(file));
}
