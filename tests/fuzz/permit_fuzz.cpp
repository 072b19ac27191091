// SPDX-License-Identifier: BSD-3-Clause
// Permit rules, lists and endpoints. What parses is written in one form that parses to the same; no
// rule permits port 0; an endpoint that a list permits is permitted by the rule that it names.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "noports/proto/permit.hpp"

using namespace noports;

namespace {

void check_rule(std::string_view text) {
  const auto rule = proto::PermitRule::parse(text);
  if (!rule) return;
  const auto again = proto::PermitRule::parse(rule->str());
  if (!again || *again != *rule || again->str() != rule->str()) std::abort();
  if (rule->matches("localhost", 0)) std::abort();
  if (rule->matches("localhost", 22) != rule->matches("[::1]", 22)) std::abort();
  // A rule of one host and one port is an endpoint, and permits it.
  if (const auto endpoint = proto::Endpoint::parse(rule->str())) {
    if (!rule->matches(endpoint->host, endpoint->port)) std::abort();
  }
}

void check_list(std::string_view text, const proto::Endpoint& asked) {
  const auto list = proto::PermitList::parse(text);
  if (!list) return;
  std::string joined;
  for (const auto& rule : list->texts()) joined += (joined.empty() ? "" : ",") + rule;
  const auto again = proto::PermitList::parse(joined);
  if (!again || *again != *list) std::abort();
  if (proto::PermitList::readable(list->texts()) != *list) std::abort();
  const auto* decides = list->find(asked.host, asked.port);
  if (list->allows(asked.host, asked.port) != (decides != nullptr)) std::abort();
  if (decides && !decides->matches(asked.host, asked.port)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_rule(text);
  const auto space = text.find(' ');
  const auto asked = proto::Endpoint::parse(text.substr(0, space));
  if (asked && *proto::Endpoint::parse(asked->str()) != *asked) std::abort();
  const proto::Endpoint usual{"10.1.2.3", 8080};
  check_list(space == text.npos ? text : text.substr(space + 1), asked ? *asked : usual);
  return 0;
}
