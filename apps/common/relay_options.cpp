// SPDX-License-Identifier: BSD-3-Clause
#include "common/relay_options.hpp"

#include <utility>

#include "common/shared_options.hpp"

namespace noports::apps {
namespace {

Option mode_option(client::AuthWish& into) {
  Option option;
  option.names = "--relay-auth-mode";
  option.aliases = {"--ram"};
  option.placeholder = "MODE";
  option.default_text = "escr, where relay and device can";
  option.help = "how to authenticate to the relay: payload or escr";
  option.man =
      "With escr each connection answers a challenge of its own; with payload all of a session "
      "show "
      "the same line. When escr is given and relay or device do not know it, there is no session.";
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value != "payload" && value != "escr") return fail(Errc::config, "want payload or escr");
    into.preferred = value == "escr" ? proto::RelayAuthMode::escr : proto::RelayAuthMode::payload;
    into.is_explicit = true;
    return {};
  };
  return option;
}

Option only_port_option(client::AuthWish& into) {
  Option option;
  option.names = "--only-port";
  option.placeholder = "443";
  option.help = "the same as --443";
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value != "443") return fail(Errc::config, "want 443, the only port that this can be");
    into.only_443 = true;
    return {};
  };
  return option;
}

}  // namespace

std::vector<Option> relay_auth_options(client::AuthWish& into) {
  std::vector<Option> options;
  options.push_back(mode_option(into));
  options.push_back(
      explained(flag_option("--443", into.only_443, "reach the relay on its port 443 alone"),
                "For networks that let nothing else out. The device uses that port too; both "
                "authenticate with escr, whatever --relay-auth-mode says."));
  options.push_back(only_port_option(into));
  return options;
}

}  // namespace noports::apps
