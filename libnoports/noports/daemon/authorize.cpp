// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/authorize.hpp"

#include "noports/base/text.hpp"

namespace noports::daemon {
namespace {

// Texts of the reference (noports-newer.md 4.6, noports-wire.md 5.6, 11.3): clients show them as
// they are.
constexpr const char* kDenied = "Access denied by policy server";
constexpr const char* kTimedOut = "Timed out waiting for authorizer response";
constexpr std::size_t kLongestMessage = 300;

Standing nobody(std::string reason) {
  Standing standing;
  standing.reason = std::move(reason);
  return standing;
}

bool counts(const Standing& standing, const Rules& rules) {
  return standing.by == Standing::By::policy && rules.policy && standing.policy == rules.policy;
}

Verdict refused(Verdict::By by, const char* who, std::string_view host, std::uint16_t port) {
  const std::string where = printable(host) + ":" + std::to_string(port);
  return Verdict{false, by, std::string(who) + " connections to " + where};
}

}  // namespace

Sender sender(const at::Atsign& from, const Rules& rules) {
  if (rules.managers.contains(from)) return Sender::manager;
  return rules.policy ? Sender::to_be_asked : Sender::stranger;
}

Standing manager() {
  Standing standing;
  standing.by = Standing::By::manager;
  standing.permit = proto::PermitList::everything();
  return standing;
}

Standing standing(const at::Atsign& policy, const proto::PolicyReply& answer) {
  auto permit = proto::PermitList::readable(answer.permit_open);
  const bool is_known = answer.authorized || answer.client_message.has_value();
  const auto message = printable(answer.client_message.value_or(""), kLongestMessage);
  const bool is_success = answer.type == proto::PolicyReply::Type::success;
  if (!is_success || !answer.authorized || permit.empty()) {
    if (!is_known) return Standing();
    return nobody(message.empty() ? kDenied : kDenied + (": " + message));
  }
  Standing allowed;
  allowed.by = Standing::By::policy;
  allowed.permit = std::move(permit);
  allowed.policy = policy;
  return allowed;
}

Standing standing(const Error& no_answer) {
  if (no_answer.hop() == Hop::policy && no_answer.code() == Errc::timed_out) {
    return nobody(kTimedOut);
  }
  if (no_answer.hop() == Hop::policy) return nobody(kDenied);
  if (no_answer.code() == Errc::busy) return Standing();  // a flood is not answered
  return nobody("The policy server cannot be reached");
}

Verdict may_open(const at::Atsign& from, const Standing& standing, std::string_view host,
                 std::uint16_t port, const Rules& rules) {
  using By = Verdict::By;
  const bool is_manager = sender(from, rules) == Sender::manager;
  if (!is_manager && !counts(standing, rules)) {
    return refused(By::sender, "Client is not permitted", host, port);
  }
  const auto* device_rule = rules.permit.find(host, port);
  if (!device_rule) return refused(By::device_list, "Daemon does not permit", host, port);
  const std::string ours = "permitted by the device's rule " + device_rule->str();
  if (is_manager) return Verdict{true, By::sender, ours + ", for a manager"};
  const auto* own_rule = standing.permit.find(host, port);
  if (!own_rule) return refused(By::own_list, "Client is not permitted", host, port);
  return Verdict{true, By::own_list, ours + " and the policy's rule " + own_rule->str()};
}

}  // namespace noports::daemon
