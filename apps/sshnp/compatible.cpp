// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/compatible.hpp"

#include <utility>

#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::sshnp {
namespace {

Option accepted(Option::Kind kind, std::string names, std::string placeholder, std::string why,
                std::vector<std::string>& used) {
  const std::string name = names.substr(names.find("--"));
  Option option;
  option.names = std::move(names);
  option.kind = kind;
  option.placeholder = std::move(placeholder);
  option.man = "Accepted for compatibility, without effect: " + std::move(why);
  option.set = [name, &used](const std::string& value) {
    if (value != "false") used.push_back(name);
    return Result<void>();
  };
  return option;
}

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
  all.push_back(port(accepted(Kind::value, "--remote-sshd-port", "PORT",
                              "the device's --local-sshd-port decides.", used)));
  all.push_back(accepted(Kind::value, "-U,--tunnel-user-name", "USER",
                         "the tunnel needs no login of its own.", used));
  all.push_back(accepted(Kind::flag, "--add-forwards-to-tunnel", "",
                         "there is one ssh, which has the forwards of -o.", used));
  all.push_back(one_of(accepted(Kind::value, "--ssh-client", "CLIENT",
                                "it is always openssh, also for the value dart.", used),
                       "openssh", "dart"));
  all.push_back(one_of(accepted(Kind::value, "--ssh-algorithm", "ALGORITHM",
                                "no ssh key is made; ssh-ed25519 or ssh-rsa.", used),
                       "ssh-ed25519", "ssh-rsa"));
  auto passphrase =
      accepted(Kind::value, "--identity-passphrase", "TEXT",
               "ssh itself asks for it. What stands here can be read by others.", used);
  passphrase.is_secret = true;
  all.push_back(std::move(passphrase));
  all.push_back(accepted(Kind::flag, "--legacy-daemon", "",
                         "daemons of before version 4 are not served.", used));
  all.push_back(with_aliases(
      negatable(accepted(Kind::flag, "--per-session-storage", "", "nothing is stored.", used)),
      {"--pss"}));
  return all;
}

}  // namespace noports::apps::sshnp
