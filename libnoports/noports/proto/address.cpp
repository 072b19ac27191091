// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/address.hpp"

#include <algorithm>

namespace noports::proto {
namespace {

bool is_name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), is_name_char);
}

// Hexadecimal groups, maybe an IPv4 tail, maybe "%zone". Whether the groups add up is for whoever
// connects to find out.
bool is_ipv6(std::string_view text) noexcept {
  const auto percent = text.find('%');
  if (percent != text.npos && !is_name(text.substr(percent + 1))) return false;
  const auto address = text.substr(0, percent);
  return std::count(address.begin(), address.end(), ':') >= 2 &&
         address.find_first_not_of("0123456789abcdefABCDEF:.") == address.npos;
}

}  // namespace

std::string_view without_brackets(std::string_view host) noexcept {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return host;
  return host.substr(1, host.size() - 2);
}

bool is_host(std::string_view text) noexcept {
  if (text.size() > kHostLimit) return false;
  const auto inner = without_brackets(text);
  return is_ipv6(inner) || (inner.size() == text.size() && is_name(text));
}

}  // namespace noports::proto
