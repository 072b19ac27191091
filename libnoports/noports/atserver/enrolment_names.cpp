// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/enrolment_names.hpp"

namespace noports::atserver {
namespace {

constexpr std::string_view kSpace = ".__e";

std::string_view without_owner(std::string_view key) { return key.substr(0, key.rfind('@')); }

// Cuts the last of the segments that dots and colons part, and the separator with it.
std::string_view take_last_segment(std::string_view& name) {
  const auto separator = name.find_last_of(".:");
  const auto segment = separator == name.npos ? name : name.substr(separator + 1);
  name = separator == name.npos ? std::string_view() : name.substr(0, separator);
  return segment;
}

char letter(Withdrawal state) {
  switch (state) {
    case Withdrawal::revoked:
      return 'r';
    case Withdrawal::deleted:
      return 'd';
    case Withdrawal::none:
      break;
  }
  return 'a';
}

}  // namespace

std::optional<EnrolmentName> enrolment_name(std::string_view key) {
  auto name = without_owner(key);
  if (!name.ends_with(kSpace)) return std::nullopt;
  name.remove_suffix(kSpace.size());
  const auto state = take_last_segment(name);
  const auto id = take_last_segment(name);
  return EnrolmentName{id, state == "a" && !id.empty()};
}

std::optional<std::string_view> enrolment_of(std::string_view key) {
  static constexpr std::string_view kRecord = ".new.enrollments.__manage";
  auto id = without_owner(key);
  if (!id.ends_with(kRecord)) return std::nullopt;
  id.remove_suffix(kRecord.size());
  if (id.empty() || id.find_first_of(".:") != id.npos) return std::nullopt;
  return id;
}

void withdraw(Records& records, std::int64_t account, std::string_view owner, std::string_view id,
              Withdrawal to, std::int64_t now) {
  const auto ending = [&](char state) {
    return "." + std::string(id) + "." + state + std::string(kSpace) + std::string(owner);
  };
  for (const char state : {'a', 'r', 'd'}) {
    if (state == letter(to)) continue;
    const auto end = ending(state);
    for (const auto& key : records.keys_ending(account, end)) {
      auto record = records.find(account, key);
      if (!record) continue;
      record->key = key.substr(0, key.size() - end.size()) + ending(letter(to));
      record->updated = now;
      ++record->version;
      records.put(account, *record);
      records.erase(account, key);
    }
  }
}

}  // namespace noports::atserver
