// SPDX-License-Identifier: BSD-3-Clause
// "host:port" rules and the question: may this be opened? (noports-wire.md 11.5)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::proto {

// One entry of --permit-open: host or '*', port or '*'. Hosts compare without case; the loopback
// names localhost, 127.0.0.1 and ::1 are one. IPv6 literals stand in brackets.
struct PermitRule {
  std::string host;                   // "*": any
  std::optional<std::uint16_t> port;  // nothing: any
  bool operator==(const PermitRule&) const = default;

  static Result<PermitRule> parse(std::string_view text);
  bool matches(std::string_view host, std::uint16_t port) const noexcept;
  std::string str() const;
};

class PermitList {
 public:
  static Result<PermitList> parse(std::string_view comma_separated);
  bool allows(std::string_view host, std::uint16_t port) const noexcept;
  std::vector<std::string> texts() const;  // for the ping answer, in order
  static PermitList everything();

 private:
  std::vector<PermitRule> rules_;
};

}  // namespace noports::proto
