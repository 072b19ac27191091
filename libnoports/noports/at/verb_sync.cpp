// SPDX-License-Identifier: BSD-3-Clause
// The commit log as clients follow it: sync, stats.
#include <algorithm>

#include "noports/at/pieces.hpp"
#include "noports/at/verb_codec.hpp"
#include "noports/base/text.hpp"

namespace noports::at::codec {

std::string encode(const Sync& verb) {
  std::string line =
      "sync:from:" + std::to_string(verb.from) + ":limit:" + std::to_string(verb.limit);
  if (!verb.regex.empty()) line += ":" + verb.regex;
  return line;
}

std::string encode(const Stats& verb) {
  std::string line = "stats";
  for (const auto id : verb.ids) {
    line += line.size() == 5 ? ":" : ",";
    line += std::to_string(id);
  }
  if (!verb.regex.empty()) line += ":" + verb.regex;
  return line;
}

Result<Verb> decode_sync(std::string_view rest) {
  static constexpr std::string_view kForm = "sync:from:<commit id>:limit:<number>[:<regex>]";
  const auto from = take_option(rest, "from");
  const auto limit = from ? take_option(rest, "limit") : std::nullopt;
  if (!limit) return want(kForm);
  const auto first = parse_signed(*from);
  const auto most = parse_number(*limit);
  if (!first || *first < -1 || *first > kMaxNumber || !most) return want(kForm);
  if (!rest.empty() && !take(rest, ":")) return want(kForm);
  return Verb(Sync{*first, *most, std::string(rest)});
}

Result<Verb> decode_stats(std::string_view rest) {
  static constexpr std::string_view kForm = "stats[:<id>,<id>...] or stats:<3 or 15>:<regex>";
  Stats stats;
  if (rest.empty()) return Verb(std::move(stats));
  if (!take(rest, ":")) return want(kForm);
  auto ids = rest.substr(0, rest.find(':'));
  rest.remove_prefix(ids.size());
  for (;;) {
    const auto text = ids.substr(0, ids.find(','));
    const auto id = parse_number(text);
    const bool twice = id && std::count(stats.ids.begin(), stats.ids.end(), *id) > 0;
    if (!id || *id > Stats::kHighest || twice) return want(kForm);
    stats.ids.push_back(static_cast<std::uint8_t>(*id));
    if (text.size() == ids.size()) break;
    ids.remove_prefix(text.size() + 1);
  }
  if (rest.empty()) return Verb(std::move(stats));
  rest.remove_prefix(1);  // the ':'
  const bool filtered = stats.ids.size() == 1 && (stats.ids[0] == 3 || stats.ids[0] == 15);
  if (!filtered || rest.empty()) return want(kForm);
  stats.regex = std::string(rest);
  return Verb(std::move(stats));
}

}  // namespace noports::at::codec
