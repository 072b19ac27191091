// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/services.hpp"

#include <exception>

#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

void report_bug(std::exception_ptr escaped) {
  try {
    std::rethrow_exception(escaped);
  } catch (const std::exception& bug) {
    log::error("atserver", "a task ended with an exception", {{"what", bug.what()}});
  } catch (...) {
    log::error("atserver", "a task ended with an exception of unknown type");
  }
}

}  // namespace

Services::Services(asio::any_io_executor executor, std::unique_ptr<Store> store_,
                   net::TlsContext tls_, Limits limits_)
    : limits(limits_),
      store(std::move(store_)),
      tls(std::move(tls_)),
      commits(std::make_shared<GroupCommit>(executor, *store)),
      outbox(std::make_unique<LocalOutbox>(
          *store, [this](Arrival arrival) { arrived.push_back(std::move(arrival)); })),
      admission(limits.strangers_per_address, limits.strangers),
      tasks(executor, report_bug) {}

std::int64_t wall_clock() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace noports::atserver
