// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/join_desk.hpp"

#include <chrono>

#include "noports/atserver/certificates.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {
namespace {

bool is_loopback(const std::string& name) {
  return name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.");
}

Result<void> check_host(const JoinTerms& terms, const KnownToken& token, const std::string& host,
                        bool is_near) {
  if (!token.host.empty() && token.host != host) {
    return fail(Error(Errc::refused, "the token belongs to " + token.host + ", not to " + host)
                    .hint("make a token of its own with atplatform join-token"));
  }
  if (!is_near && (is_loopback(host) || host == lower(terms.host_name))) {
    return fail(Error(Errc::refused, host + " is the name of the platform's own machine")
                    .hint("name the one that joins with --host-name"));
  }
  return {};
}

Result<std::string> certificate_for(const JoinTerms& terms, const JoinRequest& guest,
                                    std::int64_t now) {
  if (guest.request.empty()) return std::string();
  if (!terms.issues_certificates) {
    return fail(Error(Errc::refused,
                      "this platform's certificate is of somebody else, so that it "
                      "cannot issue any")
                    .hint("give the one that joins --tls-cert and --tls-key"));
  }
  const std::chrono::system_clock::time_point when{std::chrono::milliseconds(now)};
  return issue_for_guest(terms.folder, guest.request, guest.host, when);
}

}  // namespace

Result<void> check_join_token(Store& store, const JoinToken& claim) {
  const auto known = store.guests.token(claim.id);
  const auto hash = join_secret_hash(claim.secret.text());
  if (known && crypto::equal(known->hash, hash)) return {};
  return fail(Error(Errc::rejected, "the token is not, or no longer, one of this platform")
                  .hint("make a new one with atplatform join-token"));
}

Result<JoinAnswer> admit(Store& store, const JoinTerms& terms, const std::string& token,
                         const JoinRequest& guest, bool is_near, std::int64_t now) {
  const auto known = store.guests.token(token);
  if (!known) return fail(Errc::rejected, "the token was withdrawn");
  if (auto good = check_host(terms, *known, guest.host, is_near); !good) {
    return fail(std::move(good).error());
  }
  JoinAnswer answer;
  auto chain = certificate_for(terms, guest, now);
  if (!chain) return fail(std::move(chain).error());
  answer.chain = *std::move(chain);
  store.guests.note(guest, token, now);
  if (!guest.atsigns) return answer;
  std::vector<HostedAtsign> theirs;
  for (const auto& one : *guest.atsigns) {
    if (store.accounts.find(one.atsign)) {
      answer.refused.push_back({one.atsign, "the platform that was joined has it itself"});
    } else {
      theirs.push_back(one);
    }
  }
  for (auto& one : store.guests.replace(guest.guest, theirs)) {
    answer.refused.push_back(std::move(one));
  }
  return answer;
}

}  // namespace noports::atserver
