// SPDX-License-Identifier: BSD-3-Clause
// "host:port" rules and the question: may this be opened? (noports-wire.md 11.5)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "noports/base/result.hpp"
#include "noports/proto/ip_address.hpp"

namespace noports::proto {

// One entry of --permit-open: a host, an address, a network or '*', and a port, a range of ports
// or '*'. Names compare without case, addresses by value; the loopback names localhost, 127.0.0.1
// and ::1 are one. IPv6 stands in brackets: "[::1]:22", "[2001:db8::/32]:443".
class PermitRule {
 public:
  // Blanks around are dropped. bad_syntax with a hint: no port, port 0 or above 65535, a range that
  // runs backwards, an IPv6 address without brackets, a network with bits behind its prefix, a host
  // that could be none (security-findings.md S20). "[2001:db8::]/32:443" is read too.
  static Result<PermitRule> parse(std::string_view text);
  static PermitRule everything();  // "*:*"

  // No name is resolved: a network permits the addresses in it and no name, but for the loopback
  // ones. An IPv4 address in IPv6 clothes (::ffff:10.0.0.1) is permitted by '*' alone.
  bool matches(std::string_view host, std::uint16_t port) const;
  // "[::1]:22", "10.0.0.0/8:8000-8100"; parses to the same rule. A rule of all ports ends in ":*".
  std::string str() const;
  bool operator==(const PermitRule&) const = default;

 private:
  struct Anything {
    bool operator==(const Anything&) const = default;
  };
  struct Network {
    IpAddress base;
    unsigned prefix = 0;  // bits; all of them: one address
    bool operator==(const Network&) const = default;
  };
  using Host = std::variant<Anything, std::string, Network>;  // a string is a name, in lower case

  PermitRule(Host host, std::uint16_t first, std::uint16_t last)
      : host_(std::move(host)), first_(first), last_(last) {}
  static Result<Host> parse_host(std::string_view text, std::string_view rule);
  static Result<Host> parse_network(std::string_view address, std::string_view prefix,
                                    std::string_view rule);
  static bool covers(const Host& rule, std::string_view name);
  static bool covers(const Host& rule, const IpAddress& address);

  Host host_;
  std::uint16_t first_, last_;
};

// Rules of which one must match; the empty list permits nothing.
class PermitList {
 public:
  // bad_syntax names the first rule that is none. An empty text is the empty list.
  static Result<PermitList> parse(std::string_view comma_separated);
  // What a policy service sent: entries that are no rules permit nothing and are left out.
  static PermitList readable(const std::vector<std::string>& texts);
  static PermitList everything();  // "*:*", what managers get

  void add(PermitRule rule) { rules_.push_back(std::move(rule)); }
  void add(const PermitList& more);
  bool allows(std::string_view host, std::uint16_t port) const { return find(host, port); }
  // The first rule that permits it, in here, or null.
  const PermitRule* find(std::string_view host, std::uint16_t port) const;
  bool empty() const noexcept { return rules_.empty(); }
  std::size_t size() const noexcept { return rules_.size(); }
  std::vector<std::string> texts() const;  // for the ping answer, in order
  bool operator==(const PermitList&) const = default;

 private:
  std::vector<PermitRule> rules_;
};

// What a person types where a rule is asked about: "localhost:22", "[::1]:22".
struct Endpoint {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  // bad_syntax with a hint: no port, no host, '*' in either.
  static Result<Endpoint> parse(std::string_view text);
  std::string str() const;
  bool operator==(const Endpoint&) const = default;
};

}  // namespace noports::proto
