// SPDX-License-Identifier: BSD-3-Clause
// An atSign as a file.
#include "noports/atserver/transfer.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "noports/atserver/account_tables.hpp"
#include "running.hpp"

using namespace noports;
using test::atsign;
using test::Running;

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

// @alice with a record, a deleted one and notifications in both directions.
void live(Running& world) {
  world.activate("alice");
  world.activate("bob");
  const auto alice = world.login("alice"), bob = world.login("bob");
  REQUIRE(alice->ask("update:ttl:6000000:phone.demo@alice \"1\"\\").starts_with("data:"));
  REQUIRE(alice->ask("update:gone.demo@alice 1").starts_with("data:"));
  REQUIRE(alice->ask("delete:gone.demo@alice").starts_with("data:"));
  REQUIRE(alice->ask("notify:id:n1:@bob:x.y@alice:out").starts_with("data:n1"));
  REQUIRE(bob->ask("notify:id:n2:@alice:x.y@bob:in").starts_with("data:n2"));
}

}  // namespace

TEST_CASE("an atSign moves to another platform and loses nothing", "[atserver][transfer]") {
  Running from, to;
  live(from);
  const auto port = from.port_of("alice");
  const auto file = from.dir() / "alice.json", again = from.dir() / "again.json";
  REQUIRE(atserver::export_atsign(from.dir(), atsign("@alice"), file));
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  from.stop();
  // Beside a running platform that knows nothing of it.
  const auto name = atserver::import_atsign(to.dir(), file);
  REQUIRE(name);
  CHECK(name->str() == "@alice");
  REQUIRE(atserver::export_atsign(to.dir(), atsign("@alice"), again));
  CHECK(text_of(file) == text_of(again));
  CHECK(to.port_of("alice") == port);
  const auto alice = to.login("alice");
  CHECK(alice->ask("llookup:phone.demo@alice") == "data:\"1\"\\\n@alice@");
  alice->send("monitor:0\n");
  const auto missed = alice->read();
  CHECK(missed.find("\"id\":\"n2\"") != std::string::npos);
}

TEST_CASE("every table of atSigns says whose its rows are", "[atserver][transfer]") {
  const auto store = *atserver::Store::open({});
  atserver::Database::Scope scope(store->database());
  atserver::Statement all(store->database(),
                          "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND "
                          "name NOT IN ('settings', 'accounts', 'join_tokens', 'guests', "
                          "'guest_atsigns')");
  auto rows = all.run();
  REQUIRE(rows.next());
  const auto tables = atserver::account_tables(store->database());
  CHECK(rows.number(0) == static_cast<std::int64_t>(tables.size()));
  CHECK(tables.size() >= 3);
}

TEST_CASE("a port that another atSign has is given anew", "[atserver][transfer]") {
  Running world;
  world.activate("alice");
  const auto port = world.port_of("alice");
  const auto file = world.dir() / "alice.json";
  REQUIRE(atserver::export_atsign(world.dir(), atsign("@alice"), file));
  REQUIRE(atserver::remove_atsign(world.dir(), atsign("@alice")));
  world.stop();
  REQUIRE(atserver::add_atsign(world.dir(), atsign("@carol")));
  {
    const auto store = *atserver::Store::open_in(world.dir());
    atserver::Database::Scope scope(store->database());
    store->accounts.set_port(store->accounts.find(atsign("@carol"))->id, port);
    REQUIRE(scope.finish());
    REQUIRE(store->commit());
  }
  REQUIRE(atserver::import_atsign(world.dir(), file));
  world.start();
  CHECK(world.port_of("carol") == port);
  CHECK(world.port_of("alice") != port);
  CHECK(world.login("alice")->ask("noop:0") == "data:ok\n@alice@");
}

TEST_CASE("a damaged, cut or foreign file is refused whole", "[atserver][transfer][hostile]") {
  Running world;
  live(world);
  const auto good = world.dir() / "good.json", bad = world.dir() / "bad.json";
  REQUIRE(atserver::export_atsign(world.dir(), atsign("@alice"), good));
  REQUIRE(atserver::remove_atsign(world.dir(), atsign("@alice")));
  const auto text = text_of(good);
  const auto with = [&](const std::string& from, const std::string& to) {
    auto changed = text;
    REQUIRE(changed.find(from) != changed.npos);
    return changed.replace(changed.find(from), from.size(), to);
  };
  const auto end = text.rfind("{\"rows\"");
  const std::vector<std::string> bodies = {
      "",
      "{}\n",
      "hello\n",
      text.substr(0, end),
      text.substr(0, text.size() / 2),
      text + text,
      with("\"version\":1", "\"version\":2"),
      with("\"version\":1", "\"version\":" + std::string(60, '8') + "1"),
      with("\"version\":1", "\"version\":\"1\""),
      with("\"format\":\"atplatform atSign\"", "\"format\":\"other\""),
      with("\"@alice\"", "\"@al ice\""),
      with("\"table\":\"records\"", "\"table\":\"settings\""),
      with("\"table\":\"records\"", "\"table\":\"records WHERE 1\""),
      with("\"metadata\":", "\"metadata) --\":"),
      with("\"last_commit\":", "\"id\":"),
      with("\"last_commit\":", "\"atsign\":"),
      with("\"available\":null", "\"available\":[1]"),
      with("\"available\":null", "\"available\":{\"text\":\"%\"}"),
      with("\"operation\":\"*\"", "\"operation\":null")};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    CAPTURE(i);
    write(bad, bodies[i]);
    REQUIRE_FALSE(atserver::import_atsign(world.dir(), bad));
    REQUIRE(atserver::list_atsigns(world.dir())->size() == 1);
  }
  REQUIRE(atserver::import_atsign(world.dir(), good));
  const auto twice = atserver::import_atsign(world.dir(), good);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().what() == "@alice is on this platform already");
}

TEST_CASE("a file with secrets is neither overwritten nor taken from everybody's eyes",
          "[atserver][transfer][hostile]") {
  Running world;
  world.activate("alice");
  const auto file = world.dir() / "alice.json";
  write(file, "mine");
  const auto over = atserver::export_atsign(world.dir(), atsign("@alice"), file);
  REQUIRE_FALSE(over);
  CHECK(over.error().code() == Errc::config);
  CHECK(text_of(file) == "mine");
  const auto nobody = atserver::export_atsign(world.dir(), atsign("@nobody"), world.dir() / "n");
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code() == Errc::not_found);
  CHECK_FALSE(fs::exists(world.dir() / "n"));
  fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
  const auto open = atserver::import_atsign(world.dir(), file);
  REQUIRE_FALSE(open);
  CHECK(open.error().hint() == "run chmod 600 " + file.string());
  CHECK_FALSE(atserver::import_atsign(world.dir(), world.dir() / "missing"));
}
