// SPDX-License-Identifier: BSD-3-Clause
// Questions about notifications: notify:status, notify:fetch, notify:list, notify:remove
// (atprotocol-wire.md 3.13).
#include <cstdio>

#include "noports/at/pieces.hpp"
#include "noports/at/verb_codec.hpp"
#include "noports/base/text.hpp"

namespace noports::at::codec {
namespace {

using std::chrono::sys_days;

constexpr std::string_view kListForm = "notify:list[:YYYY-MM-DD][:YYYY-MM-DD][:<regex>]";

// "2024-10-01" of a year from 1970 on
std::string day_text(sys_days day) {
  const std::chrono::year_month_day date(day);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

bool has_shape_of_day(std::string_view text) {
  if (text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  return true;
}

// bad_syntax for what looks like a day and is none.
Result<sys_days> parse_day(std::string_view text) {
  const auto part = [text](std::size_t from, std::size_t size) {
    return static_cast<unsigned>(parse_number(text.substr(from, size)).value_or(0));
  };
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(part(0, 4))),
                                         std::chrono::month(part(5, 2)),
                                         std::chrono::day(part(8, 2)));
  // Nothing was received before 1970, and times are counted from there.
  if (!date.ok() || static_cast<int>(date.year()) < 1970) return want(kListForm);
  return sys_days(date);
}

Result<Verb> decode_list(std::string_view rest) {
  NotifyList list;
  for (auto* day : {&list.from, &list.until}) {
    auto behind = rest;
    if (!take(behind, ":")) break;
    const auto text = behind.substr(0, behind.find(':'));
    if (!has_shape_of_day(text)) break;
    auto parsed = parse_day(text);
    if (!parsed) return fail(std::move(parsed).error());
    *day = *parsed;
    rest.remove_prefix(1 + text.size());
  }
  if (rest.empty()) return Verb(std::move(list));
  if (!take(rest, ":") || rest.empty() || rest.find(':') != rest.npos) return want(kListForm);
  list.regex = std::string(rest);
  return Verb(std::move(list));
}

}  // namespace

std::string encode(const NotifyStatus& verb) { return "notify:status:" + verb.id; }
std::string encode(const NotifyFetch& verb) { return "notify:fetch:" + verb.id; }
std::string encode(const NotifyRemove& verb) { return "notify:remove:" + verb.id; }

std::string encode(const NotifyList& verb) {
  std::string line = "notify:list";
  if (verb.from) line += ":" + day_text(*verb.from);
  if (verb.until) line += ":" + day_text(*verb.until);
  if (!verb.regex.empty()) line += ":" + verb.regex;
  return line;
}

std::optional<Result<Verb>> decode_notices(std::string_view rest) {
  if (take_word(rest, ":status:")) {
    if (!is_token(rest)) return want("notify:status:<id>");
    return Verb(NotifyStatus{std::string(rest)});
  }
  if (take_word(rest, ":fetch:")) {
    if (!is_token(rest)) return want("notify:fetch:<id>");
    return Verb(NotifyFetch{std::string(rest)});
  }
  if (take_word(rest, ":remove:")) {
    if (!is_id(rest)) return want("notify:remove:<id>");
    return Verb(NotifyRemove{std::string(rest)});
  }
  if (take_flag(rest, "list")) return decode_list(rest);
  return std::nullopt;
}

}  // namespace noports::at::codec
