// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/directory.hpp"

#include "noports/base/text.hpp"

namespace noports::atserver {

std::optional<at::Atsign> directory_query(std::string_view line) {
  const auto name = lower(trim(line));
  auto atsign = at::Atsign::parse(name);
  if (!atsign || atsign->name() != name) return std::nullopt;
  return *std::move(atsign);
}

bool is_directory_exit(std::string_view line) { return trim(line) == "@exit"; }

std::string directory_answer(const std::optional<std::string>& place) {
  return place.value_or("null") + "\r\n@";
}

}  // namespace noports::atserver
