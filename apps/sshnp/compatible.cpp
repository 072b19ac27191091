// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/compatible.hpp"

#include <utility>

#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::sshnp {
namespace {

// `harmless` is what the option did anyway: no warning.
Option one_of(Option option, std::string harmless, std::string other) {
  option.set = [harmless, other, warn = option.set](const std::string& value) -> Result<void> {
    if (value == harmless) return {};
    if (value != other) return fail(Errc::config, "want " + harmless + " or " + other);
    return warn(value);
  };
  return option;
}

Option port(Option option) {
  option.set = [warn = option.set](const std::string& value) -> Result<void> {
    if (!parse_port(value)) return fail(Errc::config, printable(value, 40) + " is no port");
    return warn(value);
  };
  return option;
}

}  // namespace

std::vector<Option> compatible_options(std::vector<std::string>& used) {
  using Kind = Option::Kind;
  std::vector<Option> all;
  all.push_back(port(without_effect_option(Kind::value, "--remote-sshd-port", "PORT",
                                           "the device's --local-sshd-port decides.", used)));
  all.push_back(without_effect_option(Kind::value, "-U,--tunnel-user-name", "USER",
                                      "the tunnel needs no login of its own.", used));
  all.push_back(without_effect_option(Kind::flag, "--add-forwards-to-tunnel", "",
                                      "there is one ssh, which has the forwards of -o.", used));
  all.push_back(
      one_of(without_effect_option(Kind::value, "--ssh-client", "CLIENT",
                                   "it is always openssh, also for the value dart.", used),
             "openssh", "dart"));
  all.push_back(one_of(without_effect_option(Kind::value, "--ssh-algorithm", "ALGORITHM",
                                             "no ssh key is made; ssh-ed25519 or ssh-rsa.", used),
                       "ssh-ed25519", "ssh-rsa"));
  auto passphrase = without_effect_option(
      Kind::value, "--identity-passphrase", "TEXT",
      "ssh itself asks for it. What stands here can be read by others.", used);
  passphrase.is_secret = true;
  all.push_back(std::move(passphrase));
  all.push_back(without_effect_option(Kind::flag, "--legacy-daemon", "",
                                      "daemons of before version 4 are not served.", used));
  all.push_back(with_aliases(negatable(without_effect_option(Kind::flag, "--per-session-storage",
                                                             "", "nothing is stored.", used)),
                             {"--pss"}));
  return all;
}

}  // namespace noports::apps::sshnp
