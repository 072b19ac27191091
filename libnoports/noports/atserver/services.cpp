// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/services.hpp"

#include <limits>

#include "noports/atserver/platform_outbox.hpp"
#include "noports/log/escape.hpp"

namespace noports::atserver {
Services::Services(asio::any_io_executor executor, std::unique_ptr<Store> store_,
                   net::TlsContext tls_, Limits limits_)
    : limits(limits_),
      started(wall_clock()),
      store(std::move(store_)),
      tls(std::move(tls_)),
      commits(std::make_shared<GroupCommit>(executor, *store)),
      outbox(std::make_unique<PlatformOutbox>(
          *this, executor, [this](Arrival arrival) { arrived.push_back(std::move(arrival)); })),
      strangers(limits.strangers_per_address, limits.strangers, Admission::WhenFull::first_leaves),
      directory_strangers(limits.strangers_per_address, limits.strangers,
                          Admission::WhenFull::first_leaves),
      owners(limits.owners, std::numeric_limits<std::size_t>::max()),
      peers(limits.peers_per_atsign, limits.peers),
      drain(executor),
      tasks(executor, log::escapes("atserver")) {}

std::int64_t wall_clock() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace noports::atserver
