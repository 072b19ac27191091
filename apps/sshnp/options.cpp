// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/options.hpp"

#include <algorithm>
#include <utility>

#include "common/env_file.hpp"
#include "common/environment.hpp"
#include "common/relay_options.hpp"
#include "common/run.hpp"
#include "common/shared_options.hpp"
#include "noports/base/text.hpp"
#include "noports/client/ask_device.hpp"
#include "sshnp/compatible.hpp"
#include "sshnp/public_key.hpp"

namespace noports::apps::sshnp {
namespace {

Error usage(std::string what) {
  return Error(Errc::config, std::move(what)).hint("see sshnp --help");
}

void add_who(Program& made, Options& options) {
  made.options = {
      completing(atsign_option("-f,--from", options.from, "our atSign, the client's (mandatory)"),
                 Completes::own_atsign),
      completing(atsign_option("-t,--to", options.to, "the device's atSign (mandatory)"),
                 Completes::device_atsign),
      relays_option("-r,--srvd", options.relay, options.other_relays),
      atsign_option("-h,--host", options.old_relay, ""),
      completing(with_default(device_option("-d,--device", options.device, "the device's name"),
                              "default"),
                 Completes::device),
      with_default(text_option("-u,--remote-user-name", "USER", options.user, "whom to log in as"),
                   "the device's user"),
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
  all.push_back(
      explained(path_option("-i,--identity-file", options.identity, "the ssh key to log in with"),
                "For one under a passphrase ssh itself asks; ssh-add spares the question."));
  all.push_back(ssh_option(options));
  all.push_back(
      explained(flag_option("-s,--send-ssh-public-key", options.send_key,
                            "send the public key of -i first; the device must accept keys"),
                "The key is read from the file beside the identity whose name ends in .pub, or, "
                "without such a file, found from the identity."));
  all.push_back(with_default(
      port_option("-l,--local-port", options.local_port, 0, "the port that ssh connects to"),
      "0, a free one"));
  all.push_back(
      explained(flag_option("-x,--output-execution-command", options.print_command,
                            "print the ssh command on stdout and go on in the background"),
                "The command is one line and must be used within the time of --idle-timeout."));
  all.push_back(explained(
      flag_option("--stdio", options.stdio, "the session on stdin and stdout, for ProxyCommand"),
      "No local port and no ssh of its own. What stands in ssh's configuration then is printed by "
      "--print-ssh-config."));
  all.push_back(explained(
      flag_option("--print-ssh-config", options.print_ssh_config,
                  "print a block for ~/.ssh/config with the other options, and end"),
      "After it \"ssh NAME\" is enough, with scp, sftp, rsync and git too; the host's key is known "
      "under the device's name and checked."));
}

void add_relay(Program& made, Options& options) {
  auto& all = made.options;
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

void add_more(Program& made, Options& options) {
  auto& all = made.options;
  all.push_back(with_aliases(
      explained(
          flag_option("--list-devices", options.list_devices,
                      "print the devices that know us, and which of them answer"),
          "Of the atSign of --to, without it of all whose devices have told us of themselves. "
          "Ends when all have answered, after ten seconds at the latest. With --json one line "
          "of JSON."),
      {"--ls"}));
  all.push_back(explained(
      path_option("--config-file", options.config_file, "a file with options"),
      "Lines KEY=VALUE, the key being an option's long name in capitals with _ for -, for example "
      "LOCAL_SSH_OPTIONS=-D 1080,-N. Lines that begin with # are comments. The command line wins "
      "over the file."));
  all.push_back(explained(
      text_option("--profile", "NAME", options.profile, "the options of a file in ~/.sshnp/config"),
      "The file is NAME.env there, with _ for blanks, of the same form as that "
      "of --config-file."));
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

// Nor out of the block of --print-ssh-config.
Result<void> check_paths(const Options& options) {
  const auto& access = options.key_access;
  for (const auto* path : {&access.file, &access.passphrase_file, &options.ca_file}) {
    if (*path && !is_one_line((*path)->native())) {
      return fail(
          usage("the path " + printable((*path)->native(), 60) + " holds a control character"));
    }
  }
  if (options.identity && options.identity->native().find('"') != std::string::npos) {
    return fail(usage("--identity-file: ssh's configuration cannot hold a quote in a path"));
  }
  return {};
}

Result<void> check_ssh_words(const Options& options) {
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
  add_relay(made, options);
  add_common(made, options);
  add_more(made, options);
  add(made, compatible_options(options.without_effect));
  made.examples = {
      {"sshnp -f @alice_client -t @alice_device -d my_server -r @rv_am -i ~/.ssh/id_ed25519",
       "a shell on the device"},
      {"sshnp -f @alice_client -t @alice_device -d my_server -r @rv_am -s -i ~/.ssh/id_ed25519 "
       "-u bob",
       "the same as user bob, whose key the device learns first"},
      {"sshnp -f @alice_client -t @alice_device -d my_server -r @rv_am -o '-L 8080:localhost:80'",
       "a shell, and the device's web server as localhost:8080"},
      {"sshnp -f @alice_client -t @alice_device -d my_server -r @rv_am --print-ssh-config",
       "what to put into ~/.ssh/config, so that \"ssh my_server\" does the same"},
      {"sshnp -f @alice_client -t @alice_device --list-devices", "which devices there are"},
  };
  return made;
}

Result<void> check(Options& options) {
  if (!options.from) return fail(usage("--from is mandatory"));
  if (options.list_devices) return {};
  if (!options.to) return fail(usage("--to is mandatory, unless --list-devices is given"));
  if (!options.relay) options.relay = options.old_relay;
  if (!options.relay) return fail(usage("--srvd is mandatory, unless --list-devices is given"));
  options.is_device_implied = !options.device;
  if (!options.device) options.device = *proto::DeviceName::parse("default");
  if (options.stdio && options.print_command) {
    return fail(usage("--stdio and --output-execution-command are mutually exclusive"));
  }
  if (auto words = check_ssh_words(options); !words) return words;
  if (options.print_ssh_config) return check_paths(options);
  if (!options.send_key) return {};
  if (!options.identity) return fail(usage("--send-ssh-public-key needs --identity-file"));
  auto key = read_public_key(*options.identity);
  if (!key) return fail(std::move(key).error());
  options.public_key = *std::move(key);
  return {};
}

Result<std::vector<std::string>> read_config(const Program& program, Options& options,
                                             const std::vector<std::string>& args) {
  using Remarks = std::vector<std::string>;
  if (!options.config_file && !options.profile) return Remarks();
  std::filesystem::path path;
  if (options.config_file) {
    path = *options.config_file;
  } else {
    auto home = home_folder();
    if (!home) return fail(std::move(home).error());
    auto found = profile_path(*home, *options.profile);
    if (!found) return fail(std::move(found).error().during("--profile"));
    path = *std::move(found);
  }
  auto text = read_env_file(path);
  if (!text) return fail(std::move(text).error());
  // What accumulates would otherwise be of both.
  Remarks skipped;
  if (!options.ssh_options.empty()) skipped.emplace_back("--local-ssh-options");
  options = Options{};
  auto remarks = apply_settings(program, decode_settings(*text), path.string(), skipped);
  if (!remarks) return fail(std::move(remarks).error());
  if (auto parsed = parse(program, args); !parsed) return fail(std::move(parsed).error());
  return *std::move(remarks);
}

ListWish list_wish(const Options& options) {
  ListWish wish{*options.from, options.to, options.key_access, options.directory, options.ca_file};
  wish.patience = std::min(wish.patience, options.ping_timeout);
  wish.as_json = wants_json();
  return wish;
}

}  // namespace noports::apps::sshnp
