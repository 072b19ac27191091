// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/visits.hpp"

#include <algorithm>

namespace noports::atserver {

void Frequencies::note(std::string_view name) {
  if (const auto known = counts_.find(name); known != counts_.end()) {
    ++known->second;
    return;
  }
  std::uint64_t count = 1;
  if (counts_.size() >= kMost) {
    const auto rarest =
        std::min_element(counts_.begin(), counts_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    count += rarest->second;
    counts_.erase(rarest);
  }
  counts_.emplace(name, count);
}

std::vector<std::pair<std::string, std::uint64_t>> Frequencies::top(std::size_t limit) const {
  std::vector<std::pair<std::string, std::uint64_t>> all(counts_.begin(), counts_.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (all.size() > limit) all.resize(limit);
  return all;
}

}  // namespace noports::atserver
