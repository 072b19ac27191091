// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/permit.hpp"

#include <algorithm>

#include "noports/base/text.hpp"
#include "noports/proto/address.hpp"

namespace noports::proto {
namespace {

constexpr std::string_view kAny = "*";

bool is_loopback(std::string_view host) noexcept {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

// One spelling for each host: without brackets, lower case.
std::string normal(std::string_view host) { return lower(without_brackets(host)); }

Unexpected bad_rule(std::string_view text, std::string_view why) {
  return fail(Error(Errc::bad_syntax, "permit rule '" + printable(text) + "': " + std::string(why))
                  .hint("write host:port, host:*, *:port or *:*, and IPv6 addresses in brackets"));
}

}  // namespace

Result<PermitRule> PermitRule::parse(std::string_view text) {
  const auto rule = trim(text);
  const auto colon = rule.rfind(':');
  if (colon == rule.npos) return bad_rule(rule, "the port is missing");
  const auto host = rule.substr(0, colon), port = rule.substr(colon + 1);
  const bool bracketed = without_brackets(host).size() != host.size();
  if (!bracketed && host.find(':') != host.npos) {
    return bad_rule(rule, "an IPv6 address needs brackets");
  }
  if (host != kAny && !is_host(host)) return bad_rule(rule, "no host name or address");
  PermitRule parsed{normal(host), std::nullopt};
  if (port == kAny) return parsed;
  parsed.port = parse_port(port);  // 0 stays out: the C daemon takes it for "any"
  if (!parsed.port) return bad_rule(rule, "the port is not a number from 1 to 65535");
  return parsed;
}

bool PermitRule::matches(std::string_view asked, std::uint16_t asked_port) const noexcept {
  if (port && *port != asked_port) return false;
  if (host == kAny) return true;
  const auto wanted = normal(asked);
  return wanted == host || (is_loopback(wanted) && is_loopback(host));
}

std::string PermitRule::str() const {
  const bool ipv6 = host.find(':') != host.npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" +
         (port ? std::to_string(*port) : std::string(kAny));
}

Result<PermitList> PermitList::parse(std::string_view comma_separated) {
  PermitList list;
  if (trim(comma_separated).empty()) return list;
  for (const auto text : split(comma_separated, ',')) {
    auto rule = PermitRule::parse(text);
    if (!rule) return fail(std::move(rule).error());
    list.rules_.push_back(*std::move(rule));
  }
  return list;
}

bool PermitList::allows(std::string_view host, std::uint16_t port) const noexcept {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const PermitRule& rule) { return rule.matches(host, port); });
}

std::vector<std::string> PermitList::texts() const {
  std::vector<std::string> texts;
  for (const auto& rule : rules_) texts.push_back(rule.str());
  return texts;
}

PermitList PermitList::everything() {
  PermitList list;
  list.rules_.push_back(PermitRule{std::string(kAny), std::nullopt});
  return list;
}

}  // namespace noports::proto
