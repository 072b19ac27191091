// SPDX-License-Identifier: BSD-3-Clause
// The sessions that are being served, so that what changes meanwhile reaches them.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>

#include "noports/at/atsign.hpp"
#include "noports/daemon/authorize.hpp"
#include "noports/proto/permit.hpp"
#include "noports/proto/session_id.hpp"

namespace noports::daemon {

// Of one loop.
class LiveSessions {
 public:
  struct Session {
    proto::SessionId id;
    at::Atsign from;
    proto::Endpoint target;
    std::shared_ptr<Standing> standing;  // shared with whoever is asked for each connection
    // Called at most once, with the reason; the session is gone soon afterwards.
    std::function<void(std::string why)> end;
  };

  // Takes the session out of the register when it dies.
  class Entry {
   public:
    Entry(LiveSessions& sessions, std::list<Session>::iterator at) : sessions_(sessions), at_(at) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { sessions_.sessions_.erase(at_); }

   private:
    LiveSessions& sessions_;
    std::list<Session>::iterator at_;
  };

  // Dies after the entry.
  [[nodiscard]] Entry add(Session session);

  // Ends those that the rules allow no more, as far as that can be said without asking anybody: a
  // session of somebody about whom the policy service of these rules has not been asked yet lives
  // on.
  void check(const Rules& rules);
  // About whom the policy service is to be asked: everybody with a session who is no manager.
  std::set<at::Atsign> to_be_asked(const Rules& rules) const;
  // Of these, those who have no standing with it yet.
  std::set<at::Atsign> unknown(const Rules& rules) const;
  // What was learnt about `from`. Ends those of their sessions that it does not allow.
  void learn(const at::Atsign& from, const Standing& standing, const Rules& rules);

  std::size_t size() const noexcept { return sessions_.size(); }

 private:
  void end_refused(const Rules& rules, const std::function<bool(const Session&)>& which);

  std::list<Session> sessions_;
};

}  // namespace noports::daemon
