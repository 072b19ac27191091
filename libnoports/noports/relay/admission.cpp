// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/admission.hpp"

#include <utility>

namespace noports::relay {
namespace {

using Verdict = Admission::Verdict;

Admission verdict(Verdict what, std::string reason) { return Admission{what, std::move(reason)}; }

}  // namespace

std::size_t Ledger::of(const at::Atsign& client) const {
  const auto found = by_client_.find(client);
  return found == by_client_.end() ? 0 : found->second;
}

void Ledger::enter(const proto::SessionId& session, const at::Atsign& client) {
  if (live_.insert(session).second) ++by_client_[client];
}

void Ledger::leave(const proto::SessionId& session, const at::Atsign& client) {
  if (live_.erase(session) == 0) return;
  const auto found = by_client_.find(client);
  if (found != by_client_.end() && --found->second == 0) by_client_.erase(found);
}

Admission admit(const proto::LeaseRequest& request, const at::Atsign& from, const Rules& rules,
                const Ledger& ledger) {
  if (from != request.client) {
    return verdict(Verdict::ignore, "the request names " + request.client.str() + " as its client");
  }
  if (rules.manager && *rules.manager != from) {
    return verdict(Verdict::ignore, "only " + rules.manager->str() + " may use this relay");
  }
  if (ledger.is_live(request.session)) {
    return verdict(Verdict::ignore, "the session is live already");
  }
  if (request.only_443 && !rules.has_single_port) {
    return verdict(Verdict::refuse,
                   "Client requested port 443 but this relay is not bound to port 443");
  }
  if (request.auth_mode == proto::RelayAuthMode::escr && !request.auth_aes_key) {
    return verdict(Verdict::refuse, "ESCR authentication needs a relayAuthAesKey");
  }
  const bool is_whole =
      request.authenticate_client && request.authenticate_device && request.auth_aes_key;
  if (request.only_443 && !is_whole) {
    return verdict(Verdict::refuse, "Port 443 needs ESCR authentication of both sides");
  }
  if (!request.authenticate_client && !request.authenticate_device) {
    return verdict(Verdict::refuse,
                   "This relay does not join two sides of which neither authenticates");
  }
  if (ledger.of(from) >= rules.sessions_per_client) {
    return verdict(Verdict::refuse, "This client has " + std::to_string(ledger.of(from)) +
                                        " sessions at this relay, which is its limit");
  }
  if (ledger.size() >= rules.sessions) {
    return verdict(Verdict::refuse, "This relay is full");
  }
  return {};
}

}  // namespace noports::relay
