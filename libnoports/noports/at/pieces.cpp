// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/pieces.hpp"

#include <algorithm>

#include "noports/base/text.hpp"

namespace noports::at {
namespace {

// Takes one character from text that is known to be UTF-8.
char32_t take_code_point(std::string_view& rest) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t point = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) point = point << 6 | (byte(i) & 0x3fu);
  rest.remove_prefix(length);
  return point;
}

bool is_hidden(char32_t point) noexcept {
  struct Range {
    char32_t first, last;
  };
  // Controls and blanks; soft hyphen; zero-width space; direction marks; line separators; word
  // joiner; byte order mark. U+200C and U+200D (the joiners) are left out on purpose.
  static constexpr Range kHidden[] = {{0, 0x20},        {0x7f, 0xa0},     {0xad, 0xad},
                                      {0x1680, 0x1680}, {0x2000, 0x200b}, {0x200e, 0x200f},
                                      {0x2028, 0x202f}, {0x205f, 0x2060}, {0x2066, 0x2069},
                                      {0x3000, 0x3000}, {0xfeff, 0xfeff}};
  return std::any_of(std::begin(kHidden), std::end(kHidden), [point](const Range& range) {
    return point >= range.first && point <= range.last;
  });
}

bool is_alnum(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool take_word(std::string_view& rest, std::string_view word) {
  if (lower(rest.substr(0, word.size())) != word) return false;
  rest.remove_prefix(word.size());
  return true;
}

bool take_flag(std::string_view& rest, std::string_view name) {
  auto behind = rest;
  if (!take(behind, ":") || !take_word(behind, name)) return false;
  if (!behind.empty() && behind.front() != ':') return false;
  rest = behind;
  return true;
}

std::optional<std::string_view> take_option(std::string_view& rest, std::string_view name) {
  auto behind = rest;
  if (!take_flag(behind, name) || !take(behind, ":")) return std::nullopt;
  const auto value = behind.substr(0, behind.find(':'));
  rest = behind.substr(value.size());
  return value;
}

bool take_time_stamp(std::string_view& rest, std::string_view name) {
  auto behind = rest;
  if (!take_flag(behind, name) || !take(behind, ":")) return false;
  const auto end = behind.find_first_not_of("0123456789-:.T");
  if (end == 0 || end == behind.npos || behind[end] != 'Z') return false;
  behind.remove_prefix(end + 1);
  if (!behind.empty() && behind.front() != ':') return false;
  rest = behind;
  return true;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (take_word(text, "true") && text.empty()) return true;
  if (take_word(text, "false") && text.empty()) return false;
  return std::nullopt;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f && c != ':' && c != '@';
  });
}

bool is_id(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_alnum(c) || c == '_' || c == '-'; });
}

bool is_visible(std::string_view text) noexcept {
  if (!is_utf8(text)) return false;
  while (!text.empty()) {
    if (is_hidden(take_code_point(text))) return false;
  }
  return true;
}

}  // namespace noports::at
