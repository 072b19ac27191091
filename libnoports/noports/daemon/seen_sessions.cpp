// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/seen_sessions.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "noports/base/text.hpp"

namespace noports::daemon {
namespace {

using Entry = std::pair<SeenSessions::Time, proto::SessionId>;

std::optional<Entry> parse_line(std::string_view line) {
  const auto blank = line.find(' ');
  if (blank == line.npos) return std::nullopt;
  const auto seconds = parse_number(line.substr(0, blank));
  const auto session = proto::SessionId::parse(line.substr(blank + 1));
  constexpr std::uint64_t kLatest = 253'402'300'800;  // the year 10000
  if (!seconds || *seconds >= kLatest || !session) return std::nullopt;
  return Entry(SeenSessions::Time(std::chrono::seconds(*seconds)), *session);
}

}  // namespace

bool SeenSessions::remember(const proto::SessionId& session, Time now) {
  while (!by_age_.empty() && (by_age_.front().first + kMemory < now || by_age_.size() >= kMost)) {
    ids_.erase(by_age_.front().second);
    by_age_.pop_front();
  }
  if (!ids_.insert(session).second) return false;
  by_age_.emplace_back(now, session);
  return true;
}

std::string SeenSessions::line(const proto::SessionId& session, Time now) {
  return std::to_string(now.time_since_epoch().count()) + " " + session.str() + "\n";
}

std::string SeenSessions::text() const {
  std::string text;
  for (const auto& [time, session] : by_age_) text += line(session, time);
  return text;
}

SeenSessions SeenSessions::parse(std::string_view text, Time now) {
  std::vector<Entry> entries;
  for (const auto one : split(text, '\n')) {
    auto entry = parse_line(one);
    if (!entry) continue;
    entry->first = std::min(entry->first, now);
    if (entry->first + kMemory >= now) entries.push_back(*std::move(entry));
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.first < b.first; });
  SeenSessions seen;
  for (const auto& [time, session] : entries) seen.remember(session, time);
  return seen;
}

}  // namespace noports::daemon
