// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/upkeep.hpp"

#include "noports/atserver/hosts.hpp"
#include "noports/net/tcp.hpp"
#include "support/loop.hpp"
#include "world.hpp"

using namespace noports;

TEST_CASE("everything that has expired is swept at once", "[atserver][upkeep][hostile]") {
  asio::io_context loop;
  atserver::Services services(loop.get_executor(), *atserver::Store::open({}), nullptr, {});
  auto& store = *services.store;
  REQUIRE(store.add(test::atsign("@alice"), crypto::Secret("s"), 1));
  const auto key = [](int number) { return "k" + std::to_string(number) + ".x@alice"; };
  atserver::Database::Scope filling(store.database());
  const auto account = store.accounts.find(test::atsign("@alice"))->id;
  for (int number = 0; number < 1201; ++number) {
    atserver::Record record;
    record.key = key(number);
    record.expires = number == 7 ? 3000 : 1000;
    store.records.put(account, record);
    atserver::Sending sending{"n" + std::to_string(number), test::atsign("@bob"), "", "", 0, 1000};
    store.notifications.send(account, sending, atserver::NoteStatus::delivered);
  }
  REQUIRE(filling.finish());
  test::run(loop, atserver::sweep(services, 2000));
  atserver::Database::Scope looking(store.database());
  for (int number = 0; number < 1201; ++number) {
    REQUIRE(store.records.find(account, key(number)).has_value() == (number == 7));
  }
  CHECK(store.notifications.sweep(2000, 1) == 0);
}

TEST_CASE("an atSign whose port was taken is listened for when it is free", "[atserver][upkeep]") {
  asio::io_context loop;
  const auto executor = loop.get_executor();
  atserver::Services services(executor, *atserver::Store::open({}), nullptr, {});
  auto& store = *services.store;
  REQUIRE(store.add(test::atsign("@alice"), crypto::Secret("s"), 1));
  std::optional<net::Acceptor> squatter = *net::listen(executor, "127.0.0.1", 0);
  std::error_code code;
  const auto port = squatter->local_endpoint(code).port();
  {
    atserver::Database::Scope scope(store.database());
    store.accounts.set_port(store.accounts.find(test::atsign("@alice"))->id, port);
    REQUIRE(scope.finish());
  }
  atserver::Hosts hosts(services, "127.0.0.1");
  REQUIRE(hosts.follow_store());
  CHECK_FALSE(hosts.port_of(test::atsign("@alice")));
  squatter.reset();
  REQUIRE(hosts.follow_store());
  CHECK_FALSE(net::listen(executor, "127.0.0.1", port));
  CHECK(hosts.port_of(test::atsign("@alice")) == port);
}
