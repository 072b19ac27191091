// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/upkeep.hpp"

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
    store.notifications.send(account, "n" + std::to_string(number), test::atsign("@bob"),
                             atserver::Notifications::Status::delivered, 1000);
  }
  REQUIRE(filling.finish());
  test::run(loop, atserver::sweep(services, 2000));
  atserver::Database::Scope looking(store.database());
  for (int number = 0; number < 1201; ++number) {
    REQUIRE(store.records.find(account, key(number)).has_value() == (number == 7));
  }
  CHECK(store.notifications.sweep(2000, 1) == 0);
}
