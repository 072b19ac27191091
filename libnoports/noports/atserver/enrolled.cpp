// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/enrolled.hpp"

#include <vector>

namespace noports::atserver {

Enrolled::Place::Place(Enrolled& enrolled, std::int64_t account, std::string id,
                       std::shared_ptr<Wire> wire)
    : enrolled_(enrolled), key_(account, std::move(id)), wire_(wire.get()) {
  enrolled_.wires_.emplace(key_, std::move(wire));
}

Enrolled::Place::~Place() {
  auto [next, end] = enrolled_.wires_.equal_range(key_);
  while (next != end && next->second.get() != wire_) ++next;
  if (next != end) enrolled_.wires_.erase(next);
}

std::size_t Enrolled::close(std::int64_t account, const std::string& id, const Wire* except) {
  // Closing may let a Place go: not while its entries are walked through.
  std::vector<std::shared_ptr<Wire>> ended;
  const auto [first, last] = wires_.equal_range({account, id});
  for (auto next = first; next != last; ++next) {
    if (next->second.get() != except) ended.push_back(next->second);
  }
  for (const auto& wire : ended) wire->close();
  return ended.size();
}

}  // namespace noports::atserver
