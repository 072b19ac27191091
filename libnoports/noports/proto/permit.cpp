// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/permit.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/proto/address.hpp"

namespace noports::proto {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::uint16_t kFirstPort = 1, kLastPort = 65535;
// One host by three names, whichever of them a rule has.
constexpr std::array<std::string_view, 3> kLoopback = {"localhost", "127.0.0.1", "::1"};

struct Ports {
  std::uint16_t first = kFirstPort, last = kLastPort;
};

Unexpected bad_rule(std::string_view text, std::string_view why) {
  return fail(Error(Errc::bad_syntax, "permit rule '" + printable(text) + "': " + std::string(why))
                  .hint("write host:port, host:first-last, host:*, *:port or *:*; a network as "
                        "10.0.0.0/8:22, and IPv6 in brackets"));
}

// Port 0 stays out: the C daemon takes it for "any".
Result<Ports> parse_ports(std::string_view text, std::string_view rule) {
  if (text == kAny) return Ports();
  const auto dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == text.npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last) return bad_rule(rule, "the port is not a number from 1 to 65535");
  if (*first > *last) return bad_rule(rule, "the range of ports runs backwards");
  return Ports{*first, *last};
}

std::string bracketed(const std::string& host) {
  return host.find(':') == host.npos ? host : "[" + host + "]";
}

}  // namespace

Result<PermitRule::Host> PermitRule::parse_network(std::string_view address,
                                                   std::string_view prefix, std::string_view rule) {
  auto base = IpAddress::parse(address);
  if (!base || !base->zone.empty()) return bad_rule(rule, "no network");
  const auto bits = parse_number(prefix);
  if (!bits || *bits > base->bits()) {
    return bad_rule(rule, "the prefix is not a number up to " + std::to_string(base->bits()));
  }
  const auto length = static_cast<unsigned>(*bits);
  if (!is_network_base(*base, length)) {
    return bad_rule(rule, "the network has bits behind its prefix");
  }
  return Host(Network{*std::move(base), length});
}

Result<PermitRule::Host> PermitRule::parse_host(std::string_view text, std::string_view rule) {
  if (text == kAny) return Host(Anything{});
  auto host = text;
  // "[net/32]" and "[net]/32"
  const auto outer = without_brackets(host).size() == host.size() ? host.rfind('/') : host.npos;
  std::string_view prefix = outer == host.npos ? std::string_view() : host.substr(outer + 1);
  host = host.substr(0, outer);
  const auto inner = without_brackets(host);
  const bool has_brackets = inner.size() != host.size();
  const auto slash = inner.find('/');
  if (slash != inner.npos && outer != text.npos) return bad_rule(rule, "two prefixes");
  const bool is_network = slash != inner.npos || outer != text.npos;
  if (slash != inner.npos) prefix = inner.substr(slash + 1);
  const auto address = inner.substr(0, slash);

  const bool has_colon = address.find(':') != address.npos;
  if (has_colon && !has_brackets) return bad_rule(rule, "an IPv6 address needs brackets");
  if (!has_colon && has_brackets) return bad_rule(rule, "brackets are for IPv6 addresses");
  if (is_network) return parse_network(address, prefix, rule);
  if (!is_host(address)) return bad_rule(rule, "no host name or address");
  if (auto ip = IpAddress::parse(address)) {
    const unsigned bits = ip->bits();
    return Host(Network{*std::move(ip), bits});
  }
  if (has_colon) return bad_rule(rule, "no IPv6 address");
  return Host(lower(address));
}

Result<PermitRule> PermitRule::parse(std::string_view text) {
  const auto rule = trim(text);
  const auto colon = rule.rfind(':');
  if (colon == rule.npos) return bad_rule(rule, "the port is missing");
  auto host = parse_host(rule.substr(0, colon), rule);
  if (!host) return fail(std::move(host).error());
  const auto ports = parse_ports(rule.substr(colon + 1), rule);
  if (!ports) return fail(ports.error());
  return PermitRule(*std::move(host), ports->first, ports->last);
}

PermitRule PermitRule::everything() { return PermitRule(Anything{}, kFirstPort, kLastPort); }

bool PermitRule::covers(const Host& rule, std::string_view name) {
  const auto* own = std::get_if<std::string>(&rule);
  return own && *own == name;
}

bool PermitRule::covers(const Host& rule, const IpAddress& address) {
  const auto* network = std::get_if<Network>(&rule);
  if (!network) return false;
  // One address is itself, with its zone. Mapped IPv4 would slip past rules that say IPv6.
  if (network->prefix == address.bits()) return network->base == address;
  return !address.is_mapped_v4() && is_in_network(address, network->base, network->prefix);
}

bool PermitRule::matches(std::string_view host, std::uint16_t port) const {
  if (port < first_ || port > last_) return false;
  if (std::holds_alternative<Anything>(host_)) return true;
  const auto asked = lower(without_brackets(host));
  const auto address = IpAddress::parse(asked);
  if (address ? covers(host_, *address) : covers(host_, asked)) return true;
  const auto plain = address ? address->str() : asked;
  if (std::find(kLoopback.begin(), kLoopback.end(), plain) == kLoopback.end()) return false;
  return covers(host_, kLoopback[0]) || covers(host_, *IpAddress::parse(kLoopback[1])) ||
         covers(host_, *IpAddress::parse(kLoopback[2]));
}

std::string PermitRule::str() const {
  std::string host(kAny);
  if (const auto* name = std::get_if<std::string>(&host_)) host = *name;
  if (const auto* network = std::get_if<Network>(&host_)) {
    host = network->base.str();
    const bool is_one = network->prefix == network->base.bits();
    if (!is_one) host += "/" + std::to_string(network->prefix);
  }
  std::string ports = std::to_string(first_);
  if (first_ != last_) ports += "-" + std::to_string(last_);
  if (first_ == kFirstPort && last_ == kLastPort) ports = kAny;
  return bracketed(host) + ":" + ports;
}

Result<PermitList> PermitList::parse(std::string_view comma_separated) {
  PermitList list;
  if (trim(comma_separated).empty()) return list;
  for (const auto text : split(comma_separated, ',')) {
    auto rule = PermitRule::parse(text);
    if (!rule) return fail(std::move(rule).error());
    list.add(*std::move(rule));
  }
  return list;
}

PermitList PermitList::readable(const std::vector<std::string>& texts) {
  PermitList list;
  for (const auto& text : texts) {
    if (auto rule = PermitRule::parse(text)) list.add(*std::move(rule));
  }
  return list;
}

PermitList PermitList::everything() {
  PermitList list;
  list.add(PermitRule::everything());
  return list;
}

void PermitList::add(const PermitList& more) {
  rules_.insert(rules_.end(), more.rules_.begin(), more.rules_.end());
}

const PermitRule* PermitList::find(std::string_view host, std::uint16_t port) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(),
                                  [&](const auto& rule) { return rule.matches(host, port); });
  return found == rules_.end() ? nullptr : &*found;
}

std::vector<std::string> PermitList::texts() const {
  std::vector<std::string> texts;
  for (const auto& rule : rules_) texts.push_back(rule.str());
  return texts;
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto typed = trim(text);
  const auto colon = typed.rfind(':');
  const auto host = typed.substr(0, colon);
  const auto port = colon == typed.npos ? std::nullopt : parse_port(typed.substr(colon + 1));
  const bool is_bare_v6 = host.find(':') != host.npos && without_brackets(host) == host;
  if (!port || !is_host(host) || is_bare_v6) {
    return fail(Error(Errc::bad_syntax, "'" + printable(typed) + "' is no host:port")
                    .hint("write host:port, and IPv6 addresses in brackets"));
  }
  return Endpoint{std::string(without_brackets(host)), *port};
}

std::string Endpoint::str() const { return bracketed(host) + ":" + std::to_string(port); }

}  // namespace noports::proto
