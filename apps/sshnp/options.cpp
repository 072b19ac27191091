// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/options.hpp"

#include <algorithm>
#include <utility>

#include "common/relay_options.hpp"
#include "common/shared_options.hpp"
#include "noports/base/text.hpp"
#include "noports/client/ask_device.hpp"
#include "sshnp/public_key.hpp"

namespace noports::apps::sshnp {
namespace {

Error usage(std::string what) {
  return Error(Errc::config, std::move(what)).hint("see sshnp --help");
}

void add_who(Program& made, Options& options) {
  made.options = {
      completing(required(atsign_option("-f,--from", options.from, "our atSign, the client's")),
                 Completes::own_atsign),
      completing(required(atsign_option("-t,--to", options.to, "the device's atSign")),
                 Completes::device_atsign),
      relays_option("-r,--srvd", options.relay, options.other_relays),
      atsign_option("-h,--host", options.old_relay, ""),
      completing(with_default(device_option("-d,--device", options.device, "the device's name"),
                              "default"),
                 Completes::device),
      with_default(text_option("-u,--remote-user-name", "USER", options.user, "whom to log in as"),
                   "the device's user"),
      explained(text_option("-U,--tunnel-user-name", "USER", options.tunnel_user, ""),
                "Accepted for compatibility, without effect: there is no login for the tunnel."),
  };
  made.options[2].aliases = {"--rvd"};
  made.options[3].man = "The older name of --srvd, which wins where both are given.";
}

Option ssh_option(Options& options) {
  Option option;
  option.names = "-o,--local-ssh-options";
  option.kind = Option::Kind::list;
  option.placeholder = "OPTION";
  option.help = "an option for ssh";
  option.man = "Each is one word for ssh, for example \"-L 8080:0:8080\" or \"-D 1080\".";
  option.set = [&options](const std::string& value) {
    options.ssh_options.push_back(value);
    return Result<void>();
  };
  return option;
}

void add_ssh(Program& made, Options& options) {
  auto& all = made.options;
  all.push_back(path_option("-i,--identity-file", options.identity, "the ssh key to log in with"));
  all.push_back(ssh_option(options));
  all.push_back(
      explained(flag_option("-s,--send-ssh-public-key", options.send_key,
                            "send the public key of -i first; the device must accept keys"),
                "The key is read from the file beside the identity whose name ends in .pub."));
  all.push_back(with_default(
      port_option("-l,--local-port", options.local_port, 0, "the port that ssh connects to"),
      "0, a free one"));
  all.push_back(
      explained(flag_option("-x,--output-execution-command", options.print_command,
                            "print the ssh command on stdout and go on in the background"),
                "The command is one line and must be used within the time of --idle-timeout."));
  all.push_back(explained(
      flag_option("--stdio", options.stdio, "the session on stdin and stdout, for ProxyCommand"),
      "No local port and no ssh of its own: ssh -o ProxyCommand='sshnp --stdio ...' -o "
      "HostKeyAlias=%n."));
}

void add_compatible(Program& made, Options& options) {
  auto& all = made.options;
  all.push_back(port_option("--remote-sshd-port", options.remote_sshd_port, 1, ""));
  all.back().man = "Accepted for compatibility: the device's --local-sshd-port decides.";
  all.push_back(text_option("--ssh-client", "CLIENT", options.ssh_client, ""));
  all.back().man = "openssh, and nothing else.";
  all.push_back(text_option("--ssh-algorithm", "ALGORITHM", options.ssh_algorithm, ""));
  all.back().man = "Accepted for compatibility, without effect.";
  all.push_back(with_aliases(
      negatable(flag_option("--authenticate-client-to-rvd", options.authenticate_client,
                            "authenticate us to the relay (default: on)")),
      {"--ac"}));
  all.push_back(with_aliases(
      negatable(flag_option("--authenticate-device-to-rvd", options.authenticate_device,
                            "let the device authenticate to the relay (default: on)")),
      {"--ad"}));
  all.push_back(encrypt_option(options.encrypt));
}

void add_common(Program& made, Options& options) {
  auto& all = made.options;
  add(made, relay_auth_options(options.relay_auth));
  all.push_back(seconds_option("--idle-timeout", options.idle, "how long to wait for ssh"));
  all.push_back(ping_timeout_option(options.ping_timeout));
  all.push_back(quiet_option(options.quiet));
  add(made, account_options(options.key_access, options.directory, options.ca_file));
  add(made, output_options());
}

// -x prints words on one line, and no word of ours may break out of it.
bool is_one_line(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<void> check_ssh_words(const Options& options) {
  if (options.ssh_client != "openssh") {
    return fail(usage("--ssh-client: only openssh is supported"));
  }
  if (options.identity && !is_one_line(options.identity->native())) {
    return fail(usage("--identity-file: the path holds a control character"));
  }
  for (const auto& word : options.ssh_options) {
    if (!is_one_line(word)) {
      return fail(
          usage("--local-ssh-options: " + printable(word, 60) + " holds a control character"));
    }
  }
  if (options.user.empty()) return {};
  auto user = client::check_user_name(options.user);
  if (!user) return fail(std::move(user).error().during("--remote-user-name"));
  return {};
}

}  // namespace

Program program(Options& options) {
  Program made;
  made.name = "sshnp";
  made.summary = "ssh to a device that has no open ports";
  made.synopsis = "sshnp -f ATSIGN -t ATSIGN -r ATSIGN [-d NAME] [OPTION...]";
  add_who(made, options);
  add_ssh(made, options);
  add_common(made, options);
  add_compatible(made, options);
  made.examples = {
      {"sshnp -f @alice_client -t @alice_device -d my_server -r @rv_am -i ~/.ssh/id_ed25519",
       "a shell on the device"},
      {"sshnp -f @alice_client -t @alice_device -d my_server -r @rv_am -s -i ~/.ssh/id_ed25519 "
       "-u bob",
       "the same as user bob, whose key the device learns first"},
      {"sshnp -f @alice_client -t @alice_device -d my_server -r @rv_am -o '-L 8080:localhost:80'",
       "a shell, and the device's web server as localhost:8080"},
  };
  return made;
}

Result<void> check(Options& options) {
  if (!options.relay) options.relay = options.old_relay;
  if (!options.relay) return fail(usage("--srvd is mandatory"));
  options.is_device_implied = !options.device;
  if (!options.device) options.device = *proto::DeviceName::parse("default");
  if (options.stdio && options.print_command) {
    return fail(usage("--stdio and --output-execution-command are mutually exclusive"));
  }
  if (auto words = check_ssh_words(options); !words) return words;
  if (!options.send_key) return {};
  if (!options.identity) return fail(usage("--send-ssh-public-key needs --identity-file"));
  auto key = read_public_key(*options.identity);
  if (!key) return fail(std::move(key).error());
  options.public_key = *std::move(key);
  return {};
}

}  // namespace noports::apps::sshnp
