// SPDX-License-Identifier: BSD-3-Clause
// Who may do what on this device: the decision alone, no I/O (noports-wire.md 11.3, 11.5;
// noports-newer.md 4.4, 14.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/error.hpp"
#include "noports/proto/permit.hpp"
#include "noports/proto/policy.hpp"

namespace noports::daemon {

struct Rules {
  std::set<at::Atsign> managers = {};     // served without asking anybody
  std::optional<at::Atsign> policy = {};  // is asked about everybody else
  proto::PermitList permit = {};          // what may be opened, whoever asks
  bool accepts_public_keys = false;       // -s
  // A session holds sockets and may hold an idle tunnel for a year; more at once is not use.
  std::size_t sessions = 256;
  bool operator==(const Rules&) const = default;
};

// What is to be done with a letter, by its sender alone, before any of it is read.
enum class Sender {
  manager,
  to_be_asked,  // the policy service knows
  stranger,     // gets no answer and is not even decrypted
};
// The policy service itself is no manager (noports-newer.md 14.1).
Sender sender(const at::Atsign& from, const Rules& rules);

// What somebody may open, besides what the device's own list says.
struct Standing {
  enum class By { manager, policy, nobody };
  By by = By::nobody;
  proto::PermitList permit = {};  // empty for nobody
  // Of policy: who said so. When the rules name another one, it has to be asked again.
  std::optional<at::Atsign> policy = {};
  // Of nobody: a sentence for them, empty when they are to hear nothing.
  std::string reason = {};
  bool operator==(const Standing&) const = default;
};
Standing manager();
// By what the policy service has answered. Allowed is only who is authorised and has a list that is
// not empty; of that, entries that are no rules permit nothing. Denied with a message: that is the
// reason. Denied without one: the service does not know them, so they hear nothing.
Standing standing(const at::Atsign& policy, const proto::PolicyReply& answer);
// When there was no answer: hop policy with its code, any other hop is a question that was never
// heard. busy: it was not even asked, and they hear nothing.
Standing standing(const Error& no_answer);

struct Verdict {
  enum class By { sender, device_list, own_list };
  bool allowed = false;
  By by = By::sender;  // refused: which question settled it, in the order in which they are asked
  // Refused: told to them, holds no more than they sent. Allowed: the two rules, for the log.
  std::string reason = {};
};

// Asked for the request, again for each connection of its session, and whenever the rules change.
// Who has become a manager since is one; a standing that the rules know nothing of counts for
// nothing. Both lists must permit it.
Verdict may_open(const at::Atsign& from, const Standing& standing, std::string_view host,
                 std::uint16_t port, const Rules& rules);

}  // namespace noports::daemon
