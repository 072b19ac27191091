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

  // Blanks around are dropped. bad_syntax with a hint: no port, port 0 or above 65535, an IPv6
  // address without brackets, a host that could be none (security-findings.md S20).
  static Result<PermitRule> parse(std::string_view text);
  // No name is resolved and no address is put into another form: what is not written is not
  // permitted.
  bool matches(std::string_view host, std::uint16_t port) const noexcept;
  std::string str() const;  // "[::1]:22"; parses to the same rule
};

// Rules of which one must match; the empty list permits nothing.
class PermitList {
 public:
  // bad_syntax names the first rule that is none. An empty text is the empty list.
  static Result<PermitList> parse(std::string_view comma_separated);
  bool allows(std::string_view host, std::uint16_t port) const noexcept;
  std::vector<std::string> texts() const;  // for the ping answer, in order
  static PermitList everything();          // "*:*", what managers get

 private:
  std::vector<PermitRule> rules_;
};

}  // namespace noports::proto
