// SPDX-License-Identifier: BSD-3-Clause
// The session ids that were asked for lately: a request is good once (noports-wire.md 3.3, Q-26).
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "noports/proto/session_id.hpp"

namespace noports::daemon {

// Pure: the caller says what time it is, by the wall clock, because the memory outlives the
// process (seen_file.hpp). Only ids of authorised senders get
// here.
class SeenSessions {
 public:
  using Time = std::chrono::sys_seconds;

  // True the first time within 24 h, the longest that an atServer keeps a notification for us.
  // `now` does not go backwards by more than a clock is corrected.
  bool remember(const proto::SessionId& session, Time now);
  std::size_t size() const noexcept { return by_age_.size(); }

  // One line each, oldest first: "<seconds since 1970> <session id>\n".
  std::string text() const;
  // What text() has written, and lines of line() behind it. Lines that are none are left out, what
  // is older than 24 h is forgotten, what lies in the future counts from `now`.
  static SeenSessions parse(std::string_view text, Time now);
  static std::string line(const proto::SessionId& session, Time now);

 private:
  static constexpr std::chrono::hours kMemory{24};
  static constexpr std::size_t kMost = 100'000;  // 16 MB of ids; then the oldest is forgotten

  std::set<proto::SessionId> ids_;
  std::deque<std::pair<Time, proto::SessionId>> by_age_;
};

}  // namespace noports::daemon
