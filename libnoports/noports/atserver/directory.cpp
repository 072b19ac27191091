// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/directory.hpp"

#include "noports/atserver/join_message.hpp"
#include "noports/base/text.hpp"

namespace noports::atserver {

std::optional<at::Atsign> directory_query(std::string_view line) {
  const auto name = lower(trim(line));
  auto atsign = at::Atsign::parse(name);
  if (!atsign || atsign->name() != name) return std::nullopt;
  return *std::move(atsign);
}

bool is_directory_exit(std::string_view line) { return trim(line) == "@exit"; }

std::string directory_answer(const std::optional<Place>& place) {
  return (place ? place_text(*place) : "null") + "\r\n@";
}

Result<std::optional<Place>> decode_directory_answer(std::string_view line) {
  line = trim(line);
  while (take(line, "@")) line = trim(line);
  if (line == "null") return std::optional<Place>();
  const auto colon = line.rfind(':');
  const auto port = colon == line.npos ? std::nullopt : parse_port(line.substr(colon + 1));
  if (!port || !is_host_name(line.substr(0, colon))) {
    return fail(Errc::bad_syntax, Hop::directory, "that is no answer of a directory");
  }
  return std::optional<Place>(Place{std::string(line.substr(0, colon)), *port});
}

}  // namespace noports::atserver
