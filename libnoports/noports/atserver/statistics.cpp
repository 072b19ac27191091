// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/statistics.hpp"

#include "noports/at/answer.hpp"
#include "noports/at/notification.hpp"
#include "noports/net/race.hpp"

namespace noports::atserver {
namespace {

constexpr std::int64_t kShares = 15;  // of the atSigns, one after the other

void tell(Services& services, std::int64_t account) {
  if (!services.monitors.has(account)) return;
  Database::Scope scope(services.store->database());
  const auto self = services.store->accounts.find(account);
  const auto last = services.store->records.last_commit(account);
  if (!scope.finish() || !self) return;
  services.monitors.tell(account, statistics_line(self->atsign, last, wall_clock()));
}

}  // namespace

std::string statistics_line(const at::Atsign& self, std::int64_t last_commit, std::int64_t now) {
  at::Notification note;
  note.id = "-1";
  note.from = note.to = self.str();
  note.key = "statsNotification." + self.str();
  note.value = last_commit < 0 ? "null" : std::to_string(last_commit);
  note.epoch_millis = now;
  note.is_encrypted = false;
  return at::encode(at::Push{at::encode(note)});
}

void tell_commits(Services& services) {
  for (const auto account : services.store->records.take_committed()) tell(services, account);
}

asio::awaitable<void> keep_telling(Services& services) {
  for (std::int64_t turn = 0;; turn = (turn + 1) % kShares) {
    co_await net::pause(services.limits.statistics / kShares);
    for (const auto account : services.monitors.accounts()) {
      if (account % kShares == turn) tell(services, account);
    }
  }
}

}  // namespace noports::atserver
