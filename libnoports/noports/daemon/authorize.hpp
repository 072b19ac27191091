// SPDX-License-Identifier: BSD-3-Clause
// Who may do what on this device: the decision alone, no I/O (noports-wire.md 11.3, 11.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/proto/permit.hpp"

namespace noports::daemon {

struct Rules {
  std::set<at::Atsign> managers;     // who is listened to at all
  proto::PermitList permit;          // what may be opened, for everybody
  bool accepts_public_keys = false;  // -s
  // A session holds sockets and may hold an idle tunnel for a year; more at once is not use.
  std::size_t sessions = 256;
};

// Whether this sender is listened to. Everybody else gets no answer and is not even decrypted.
bool is_authorized(const at::Atsign& from, const Rules& rules);

struct Verdict {
  bool allowed = false;
  std::string reason;  // told to an authorised sender; holds no more than they sent
};

// Asked for the request, and again for each connection of its session.
Verdict may_open(const at::Atsign& from, std::string_view host, std::uint16_t port,
                 const Rules& rules);

}  // namespace noports::daemon
