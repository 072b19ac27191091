// SPDX-License-Identifier: BSD-3-Clause
// Who gets a meeting point: the decision alone, no sockets (noports-wire.md 9.2, Q-5, Q-6, Q-31).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "noports/at/atsign.hpp"
#include "noports/proto/lease.hpp"

namespace noports::relay {

struct Rules {
  std::optional<at::Atsign> manager;  // the only client; nobody: open to all
  bool has_single_port = false;       // for those who ask for port 443
  // A session costs two listeners and its sockets; these keep one client, and all of them together,
  // from taking every descriptor.
  std::size_t sessions_per_client = 64;
  std::size_t sessions = 4096;
};

// The sessions that live, by client.
class Ledger {
 public:
  bool is_live(const proto::SessionId& session) const { return live_.contains(session); }
  std::size_t of(const at::Atsign& client) const;
  std::size_t size() const noexcept { return live_.size(); }
  void enter(const proto::SessionId& session, const at::Atsign& client);
  void leave(const proto::SessionId& session, const at::Atsign& client);

 private:
  std::set<proto::SessionId> live_;
  std::map<at::Atsign, std::size_t> by_client_;
};

struct Admission {
  enum class Verdict {
    admit,
    ignore,  // not even an answer: the sender is not who the request says, or is a stranger
    refuse,  // with a reason that the client may be told
  };
  Verdict verdict = Verdict::admit;
  std::string reason;  // why not; for the log, and for the client when it is `refuse`
};

// `from` is who sent the notification, as the atServers vouch for it.
Admission admit(const proto::LeaseRequest& request, const at::Atsign& from, const Rules& rules,
                const Ledger& ledger);

}  // namespace noports::relay
