// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "noports/base/text.hpp"

namespace noports::proto {
namespace {

constexpr std::size_t kLongestText = INET6_ADDRSTRLEN;

bool bit_of(const IpAddress& address, unsigned index) noexcept {
  return (address.bytes[index / 8] >> (7 - index % 8)) & 1;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress address;
  const auto percent = text.find('%');
  if (percent != text.npos) {
    address.zone = lower(text.substr(percent + 1));
    if (address.zone.empty()) return std::nullopt;
  }
  const std::string digits(text.substr(0, percent));
  // inet_pton reads up to a NUL: what holds one is no address.
  if (digits.size() > kLongestText || digits.find('\0') != digits.npos) return std::nullopt;
  address.is_v6 = digits.find(':') != digits.npos;
  if (!address.is_v6 && !address.zone.empty()) return std::nullopt;
  const int family = address.is_v6 ? AF_INET6 : AF_INET;
  if (::inet_pton(family, digits.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::string IpAddress::str() const {
  char text[kLongestText + 1] = {};
  ::inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return zone.empty() ? std::string(text) : std::string(text) + "%" + zone;
}

bool IpAddress::is_mapped_v4() const noexcept {
  const bool zeros = std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; });
  return is_v6 && zeros && bytes[10] == 0xff && bytes[11] == 0xff;
}

bool is_in_network(const IpAddress& address, const IpAddress& base, unsigned prefix) noexcept {
  if (address.is_v6 != base.is_v6) return false;
  for (unsigned index = 0; index < prefix && index < base.bits(); ++index) {
    if (bit_of(address, index) != bit_of(base, index)) return false;
  }
  return true;
}

bool is_network_base(const IpAddress& base, unsigned prefix) noexcept {
  for (unsigned index = prefix; index < base.bits(); ++index) {
    if (bit_of(base, index)) return false;
  }
  return true;
}

}  // namespace noports::proto
