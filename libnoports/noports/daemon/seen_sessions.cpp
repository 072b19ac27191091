// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/seen_sessions.hpp"

namespace noports::daemon {

bool SeenSessions::remember(const proto::SessionId& session, Time now) {
  while (!by_age_.empty() && (by_age_.front().first + kMemory < now || by_age_.size() >= kMost)) {
    ids_.erase(by_age_.front().second);
    by_age_.pop_front();
  }
  if (!ids_.insert(session).second) return false;
  by_age_.emplace_back(now, session);
  return true;
}

}  // namespace noports::daemon
