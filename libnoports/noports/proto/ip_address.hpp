// SPDX-License-Identifier: BSD-3-Clause
// IP addresses and networks as values: parsed strictly, compared by what they are and not by how
// they are written. Internal to proto; nothing is resolved here.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace noports::proto {

struct IpAddress {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // of IPv4 the first four
  std::string zone;                      // "eth0" of "fe80::1%eth0", lower case; mostly empty
  auto operator<=>(const IpAddress&) const = default;

  // Four decimal numbers without leading zeros, or RFC 4291's text with an optional zone, without
  // brackets. Nothing for any other text, also for spellings that only a resolver takes for an
  // address ("127.1", "0x7f000001").
  static std::optional<IpAddress> parse(std::string_view text);
  std::string str() const;  // shortest form, lower case, no brackets
  unsigned bits() const noexcept { return is_v6 ? 128 : 32; }
  // "::ffff:192.0.2.1": IPv6 in writing, IPv4 on the wire.
  bool is_mapped_v4() const noexcept;
};

// Whether the first `prefix` bits (0 to base.bits()) of both are equal, and both are of one kind.
// Zones are not looked at.
bool is_in_network(const IpAddress& address, const IpAddress& base, unsigned prefix) noexcept;
// Whether every bit behind the first `prefix` is 0.
bool is_network_base(const IpAddress& base, unsigned prefix) noexcept;

}  // namespace noports::proto
