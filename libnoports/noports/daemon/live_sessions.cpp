// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/live_sessions.hpp"

#include <utility>
#include <vector>

namespace noports::daemon {
namespace {

bool is_unknown(const LiveSessions::Session& session, const Rules& rules) {
  return sender(session.from, rules) == Sender::to_be_asked &&
         session.standing->policy != rules.policy;
}

}  // namespace

LiveSessions::Entry LiveSessions::add(Session session) {
  return Entry(*this, sessions_.insert(sessions_.end(), std::move(session)));
}

void LiveSessions::check(const Rules& rules) {
  end_refused(rules, [&](const Session& session) { return !is_unknown(session, rules); });
}

void LiveSessions::learn(const at::Atsign& from, const Standing& standing, const Rules& rules) {
  for (auto& session : sessions_) {
    if (session.from == from) *session.standing = standing;
  }
  end_refused(rules, [&](const Session& session) { return session.from == from; });
}

// An end may take sessions out of the list at once, so that the list is not walked meanwhile.
void LiveSessions::end_refused(const Rules& rules,
                               const std::function<bool(const Session&)>& which) {
  std::vector<std::pair<std::function<void(std::string)>, std::string>> ends;
  for (auto& session : sessions_) {
    if (!session.end || !which(session)) continue;
    auto verdict =
        may_open(session.from, *session.standing, session.target.host, session.target.port, rules);
    if (!verdict.allowed) {
      ends.emplace_back(std::exchange(session.end, nullptr), std::move(verdict.reason));
    }
  }
  for (auto& [end, why] : ends) end(std::move(why));
}

std::set<at::Atsign> LiveSessions::to_be_asked(const Rules& rules) const {
  std::set<at::Atsign> clients;
  for (const auto& session : sessions_) {
    if (sender(session.from, rules) == Sender::to_be_asked) clients.insert(session.from);
  }
  return clients;
}

std::set<at::Atsign> LiveSessions::unknown(const Rules& rules) const {
  std::set<at::Atsign> clients;
  for (const auto& session : sessions_) {
    if (is_unknown(session, rules)) clients.insert(session.from);
  }
  return clients;
}

}  // namespace noports::daemon
