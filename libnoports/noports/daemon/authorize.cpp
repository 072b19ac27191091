// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/authorize.hpp"

#include "noports/base/text.hpp"

namespace noports::daemon {

bool is_authorized(const at::Atsign& from, const Rules& rules) {
  return rules.managers.contains(from);
}

Verdict may_open(const at::Atsign& from, std::string_view host, std::uint16_t port,
                 const Rules& rules) {
  const std::string where = printable(host) + ":" + std::to_string(port);
  if (!is_authorized(from, rules)) {
    return Verdict{false, "Client is not permitted connections to " + where};
  }
  if (!rules.permit.allows(host, port)) {
    // The reference's words (noports-wire.md 5.6): clients show them as they are.
    return Verdict{false, "Daemon does not permit connections to " + where};
  }
  return Verdict{true, {}};
}

}  // namespace noports::daemon
