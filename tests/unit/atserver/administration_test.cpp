// SPDX-License-Identifier: BSD-3-Clause
// What `atplatform` does to a folder that is being served.
#include "noports/atserver/account_tables.hpp"
#include "running.hpp"

using namespace noports;
using test::atsign;
using test::Running;

namespace {

// Until the platform has followed, a look-up may still find the old atServer.
bool is_unknown(Running& world, const std::string& name) {
  test::RawClient directory(world.loop, world.tls, world.platform->directory_port());
  REQUIRE(directory.read() == "@");
  return directory.ask(name) == "null\r\n@";
}

}  // namespace

TEST_CASE("a removed atSign is gone with its connections, beside a running platform",
          "[atserver][administration]") {
  Running world;
  world.activate("alice");
  world.activate("bob");
  const auto alice = world.login("alice"), bob = world.login("bob");
  REQUIRE(atserver::remove_atsign(world.dir(), atsign("@alice")));
  CHECK(test::eventually(world.loop, [&] { return is_unknown(world, "alice"); }));
  CHECK(alice->read() == "(end)");
  CHECK(bob->ask("noop:0") == "data:ok\n@bob@");
  const auto listed = *atserver::list_atsigns(world.dir());
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].atsign == atsign("@bob"));
}

TEST_CASE("what a removed atSign's connection still says changes nothing, nor its successor",
          "[atserver][administration][hostile]") {
  Running world;
  world.activate("alice");
  const auto before = world.login("alice");
  REQUIRE(atserver::remove_atsign(world.dir(), atsign("@alice")));
  // No other atSign gets the number of the one that was removed.
  REQUIRE(atserver::add_atsign(world.dir(), atsign("@carol")));
  const auto answer = before->ask("update:stolen.demo@alice 1");
  CHECK_FALSE(answer.starts_with("data:"));
  world.stop();
  const auto store = *atserver::Store::open_in(world.dir());
  atserver::Database::Scope scope(store->database());
  const auto carol = *store->accounts.find(atsign("@carol"));
  CHECK(store->records.keys(carol.id, 1).size() == 1);  // its CRAM secret
  for (const auto& table : atserver::account_tables(store->database())) {
    const auto sql = "SELECT count(*) FROM " + table.name + " WHERE account <> ?1";
    atserver::Statement count(store->database(), sql.c_str());
    auto rows = count.run(carol.id);
    REQUIRE(rows.next());
    CHECK(rows.number(0) == 0);
  }
}

TEST_CASE("a reset atSign keeps its port and is activated anew", "[atserver][administration]") {
  Running world;
  world.activate("alice");
  const auto port = world.port_of("alice");
  const auto alice = world.login("alice");
  REQUIRE(alice->ask("update:phone.demo@alice 1").starts_with("data:"));
  const auto secret = atserver::reset_atsign(world.dir(), atsign("@alice"));
  REQUIRE(secret);
  CHECK(secret->text().size() == 128);
  CHECK(test::eventually(world.loop, [&] { return alice->read().starts_with("("); }));
  CHECK(world.port_of("alice") == port);
  CHECK_FALSE((*atserver::list_atsigns(world.dir()))[0].is_activated);
  world.activate_with("alice", *secret);
  const auto again = world.login("alice");
  CHECK(again->ask("llookup:phone.demo@alice").starts_with("error:AT0015"));
}

TEST_CASE("an atSign that is not there is neither removed nor reset",
          "[atserver][administration][hostile]") {
  Running world;
  world.activate("alice");
  const auto removed = atserver::remove_atsign(world.dir(), atsign("@nobody"));
  REQUIRE_FALSE(removed);
  CHECK(removed.error().code() == Errc::not_found);
  const auto reset = atserver::reset_atsign(world.dir(), atsign("@nobody"));
  REQUIRE_FALSE(reset);
  CHECK(reset.error().code() == Errc::not_found);
  CHECK(atserver::list_atsigns(world.dir())->size() == 1);
}
