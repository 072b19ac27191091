// SPDX-License-Identifier: BSD-3-Clause
// Brings notifications to atSigns of other platforms: each recipient's in their order, different
// recipients at the same time, again and again until they are taken or expire (atprotocol-wire.md
// 4). The queue is in the store, so that it outlives the process.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "noports/atserver/peer_links.hpp"

namespace noports::atserver {

class Courier {
 public:
  Courier(Services& services, PeerLinks& links) : services_(services), links_(links) {}

  // Queues a notification of `sender`, once for each id. In the Database::Scope of the request.
  void take(const Account& sender, const Outgoing& outgoing, std::int64_t now);
  // Goes on with everything that is queued.
  void start();

 private:
  // From one of our atSigns to one of another platform.
  using Route = std::pair<std::string, std::string>;
  struct Lane {
    bool nudged = false;
    int failures = 0;  // in a row
  };
  enum class After { done, again, rest };

  void nudge(const Route& route);
  asio::awaitable<void> serve(Route route);
  asio::awaitable<After> bring(Route route);
  asio::awaitable<After> bring_through(Account from, at::Atsign to, PeerLinks::Held& held);
  After give_up(const Account& from, const at::Atsign& to, const at::Refusal& why);
  After judge(const Account& from, const at::Atsign& to, const Queued& note,
              const PeerLine& answer);
  std::optional<Queued> next(const Account& from, const at::Atsign& to);
  void settle(const Queued& note, NoteStatus status);
  void note_retry(const Queued& note);

  Services& services_;
  PeerLinks& links_;
  std::map<Route, Lane> lanes_;  // those that are being served
};

}  // namespace noports::atserver
