// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/guesses.hpp"

#include <algorithm>
#include <array>

namespace noports::atserver {
namespace {

using std::chrono::seconds;

constexpr std::array<int, 9> kPasscodeWaits = {1, 2, 3, 5, 8, 13, 21, 34, 55};  // s
constexpr std::size_t kFreeProofs = 10;  // two connections; a client with an old key tries again
constexpr seconds kProofWait{2};
constexpr std::int64_t kForgiven = 55'000;        // ms since the last wrong one (5.5)
constexpr std::int64_t kHour = 60LL * 60 * 1000;  // ms

}  // namespace

std::chrono::milliseconds Guesses::wrong(std::int64_t account, const std::string& network,
                                         std::int64_t now) {
  auto& all = accounts_[account];
  if (all.wrong == 0 || now - all.first >= kHour) all = Count{0, now, now};
  ++all.wrong;
  if (networks_.size() >= kMostNetworks) forget(now);
  // More networks than can be remembered are one that guesses a lot.
  const bool full = networks_.size() >= kMostNetworks;
  auto& count = networks_[{account, full ? std::string() : network}];
  if (now - count.last >= kHour) count.wrong = 0;
  count.last = now;
  const auto before = count.wrong++;
  if (what_ == Of::proofs) return before < kFreeProofs ? seconds(0) : kProofWait;
  return seconds(kPasscodeWaits[std::min(before, kPasscodeWaits.size() - 1)]);
}

void Guesses::right(std::int64_t account, const std::string& network, std::int64_t now) {
  const auto known = networks_.find({account, network});
  if (known != networks_.end() && now - known->second.last >= kForgiven) networks_.erase(known);
}

bool Guesses::are_too_many(std::int64_t account, std::int64_t now) const {
  const auto known = accounts_.find(account);
  return known != accounts_.end() && known->second.wrong >= kMostPerHour &&
         now - known->second.first < kHour;
}

void Guesses::forget(std::int64_t now) {
  std::erase_if(networks_, [now](const auto& one) { return now - one.second.last >= kHour; });
}

}  // namespace noports::atserver
