// SPDX-License-Identifier: BSD-3-Clause
// The session ids that were asked for lately: a request is good once (noports-wire.md 3.3, Q-26).
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <set>
#include <utility>

#include "noports/proto/session_id.hpp"

namespace noports::daemon {

// Pure: the caller says what time it is. Only ids of authorised senders get here.
class SeenSessions {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // True the first time within 24 h, the longest that an atServer keeps a notification for us.
  bool remember(const proto::SessionId& session, Time now);
  std::size_t size() const noexcept { return by_age_.size(); }

 private:
  static constexpr std::chrono::hours kMemory{24};
  static constexpr std::size_t kMost = 100'000;  // 16 MB of ids; then the oldest is forgotten

  std::set<proto::SessionId> ids_;
  std::deque<std::pair<Time, proto::SessionId>> by_age_;
};

}  // namespace noports::daemon
