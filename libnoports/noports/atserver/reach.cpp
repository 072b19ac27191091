// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/reach.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace noports::atserver {
namespace {

// Private: no command reads or writes such a record.
std::string key_of(const Account& owner, at::Config::List list) {
  const char* name = list == at::Config::List::block ? "private:blocklist" : "private:allowlist";
  return name + owner.atsign.str();
}

bool holds(const std::vector<std::string>& list, const at::Atsign& atsign) {
  return std::find(list.begin(), list.end(), atsign.str()) != list.end();
}

}  // namespace

std::vector<std::string> reach_list(Records& records, const Account& owner, at::Config::List list) {
  const auto record = records.find(owner.id, key_of(owner, list));
  if (!record) return {};
  const auto json = nlohmann::json::parse(record->value, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array()) return {};
  std::vector<std::string> atsigns;
  for (const auto& one : json) {
    if (one.is_string()) atsigns.push_back(one.get<std::string>());
  }
  return atsigns;
}

void set_reach_list(Records& records, const Account& owner, at::Config::List list,
                    const std::vector<std::string>& atsigns, std::int64_t now) {
  const auto key = key_of(owner, list);
  if (atsigns.empty()) {
    records.erase(owner.id, key);
    return;
  }
  Record record;
  record.key = key;
  record.value = nlohmann::json(atsigns).dump();
  record.created = record.updated = now;
  records.put(owner.id, record);
}

bool may_reach(Records& records, const Account& owner, const at::Atsign& other) {
  if (other == owner.atsign) return true;
  if (holds(reach_list(records, owner, at::Config::List::block), other)) return false;
  const auto allowed = reach_list(records, owner, at::Config::List::allow);
  return allowed.empty() || holds(allowed, other);
}

}  // namespace noports::atserver
