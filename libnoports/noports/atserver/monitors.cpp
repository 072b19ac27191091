// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/monitors.hpp"

#include <algorithm>

namespace noports::atserver {

void Monitors::add(std::int64_t account, MonitorConnection& monitor) {
  monitors_[account].push_back(&monitor);
}

void Monitors::remove(std::int64_t account, MonitorConnection& monitor) noexcept {
  const auto found = monitors_.find(account);
  if (found == monitors_.end()) return;
  auto& list = found->second;
  list.erase(std::remove(list.begin(), list.end(), &monitor), list.end());
  if (list.empty()) monitors_.erase(found);
}

void Monitors::announce(const Arrival& arrival) const {
  const auto found = monitors_.find(arrival.account);
  if (found == monitors_.end()) return;
  for (auto* monitor : found->second) monitor->offer(arrival);
}

void Monitors::tell(std::int64_t account, const std::string& line) const {
  const auto found = monitors_.find(account);
  if (found == monitors_.end()) return;
  for (auto* monitor : found->second) monitor->tell(line);
}

std::vector<std::int64_t> Monitors::accounts() const {
  std::vector<std::int64_t> accounts;
  for (const auto& [account, list] : monitors_) accounts.push_back(account);
  return accounts;
}

}  // namespace noports::atserver
