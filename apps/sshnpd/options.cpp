// SPDX-License-Identifier: BSD-3-Clause
#include "sshnpd/options.hpp"

#include <utility>

#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::sshnpd {
namespace {

Option managers_option(Options& into) {
  Option option;
  option.names = "-m,--managers";
  option.aliases = {"--manager"};
  option.kind = Option::Kind::list;
  option.placeholder = "ATSIGN,...";
  option.help = "the atSigns that may connect";
  option.set = [&into](const std::string& value) -> Result<void> {
    auto atsign = at::Atsign::parse(trim(value));
    if (!atsign) return fail(std::move(atsign).error());
    if (std::exchange(into.has_managers_of_file, false)) into.managers.clear();
    into.managers.insert(*std::move(atsign));
    return {};
  };
  return option;
}

Option policy_option(std::optional<at::Atsign>& into) {
  auto option = atsign_option("-p,--policy-manager", into,
                              "the policy service that is asked about everybody else");
  option.man =
      "It says for each client whether it may connect, and to what; that and --permit-open must "
      "agree. Whom it refuses is told what it says to them, and nothing when it does not know "
      "them. An answer is good for 15 s; a session ends when the policy service allows it no "
      "more. At least one of --managers and --policy-manager is needed.";
  return option;
}

constexpr const char* kUsualPermit = "localhost:22,localhost:3389";

// An empty text permits nothing.
Option permit_option(Options& into) {
  Option option;
  option.names = "--permit-open";
  option.aliases = {"--po"};
  option.placeholder = "HOST:PORT,...";
  option.help = "what clients may connect to; * stands for any host or port";
  option.default_text = kUsualPermit;
  option.man =
      "Also ranges of ports (host:8000-8100), networks (10.0.0.0/8:22) and IPv6 in brackets "
      "([::1]:22). With --policy-manager and without --permit-open: *:*, so that the policy "
      "service decides alone.";
  option.set = [&into](const std::string& value) -> Result<void> {
    if (auto rules = proto::PermitList::parse(value); !rules) return fail(rules.error());
    into.permit_text = value;
    return {};
  };
  return option;
}

Option permissions_option(std::string& into) {
  auto option = text_option("-S,--sshpublickey-permissions", "TEXT", into,
                            "options in front of the ssh keys that -s adds");
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value.find_first_of("\r\n") != value.npos) {
      return fail(Errc::config,
                  "Detected newline characters in the ssh public key permissions which malforms "
                  "the authorized_keys file.");
    }
    into = trim(value);
    return {};
  };
  return option;
}

std::vector<Option> ignored_options(std::vector<std::string>& used) {
  using Kind = Option::Kind;
  const std::string no_key = "no ssh key is made.";
  return {
      without_effect_option(Kind::value, "--ssh-client", "NAME", "no ssh client is started.", used),
      without_effect_option(Kind::value, "--ssh-algorithm", "NAME", no_key, used),
      with_aliases(
          without_effect_option(Kind::value, "--ephemeral-permissions", "TEXT", no_key, used),
          {"--ephemeral-permission"}),
      without_effect_option(Kind::value, "--storage-path", "PATH", "nothing is stored there.",
                            used),
      negatable(without_effect_option(Kind::flag, "--clear-cached-pks", "",
                                      "public keys are not kept on disk.", used)),
      negatable(without_effect_option(Kind::flag, "--strict", "", "signatures are always verified.",
                                      used)),
  };
}

std::vector<Option> config_options(Options& into) {
  auto file = explained(
      path_option("--config", into.config, "the configuration file"),
      "YAML with the sections atsign (atsign, keys, passphrase-file, root), access (managers, "
      "policy, permitopen), device (name, group, hide), ssh (add-publickeys, sshd-port, "
      "publickey-permissions) and runtime (verbose, debug). Without this option it is the file "
      "that SSHNPD_CONFIG names, or /etc/noports/sshnpd.yaml if there is one. The command line "
      "wins over the file. SIGHUP has it read again: other managers, policy service, permit-open "
      "and add-publickeys are in force at once, and sessions that they do not allow any more end; "
      "all else needs a restart.");
  file.default_text = "/etc/noports/sshnpd.yaml";
  return {std::move(file),
          flag_option("--check-config", into.checks_config,
                      "say whether the configuration can be used, and end"),
          flag_option("--print-config", into.prints_config,
                      "print the configuration, as file and command line make it, and end")};
}

Option username_option(std::vector<std::string>& used) {
  return with_aliases(
      negatable(without_effect_option(Option::Kind::flag, "-u,--un-hide", "",
                                      "the user's name is told unless --hide is given.", used)),
      {"--username"});
}

}  // namespace

Program describe(Options& into) {
  Program program;
  program.name = "sshnpd";
  program.summary = "device daemon: serves its managers without an open inbound port";
  program.synopsis = "sshnpd -a ATSIGN {-m ATSIGN[,...] | -p ATSIGN} [-d NAME] [OPTION...]";
  auto atsign = completing(atsign_option("-a,--atsign", into.atsign, "the device's own atSign"),
                           Completes::own_atsign);
  auto device = device_option("-d,--device", into.device, "name of this device");
  device.default_text = "default";
  auto group = text_option("--device-group", "NAME", into.device_group,
                           "told in answers to pings, for policy services");
  group.aliases = {"--dg"};
  group.default_text = into.device_group;
  auto keys = flag_option("-s,--sshpublickey", into.accepts_public_keys,
                          "let managers add ssh public keys to ~/.ssh/authorized_keys");
  keys.negatable = true;
  auto port = port_option("--local-sshd-port", into.ssh_port, 1, "port of sshd on this machine");
  port.default_text = "22";
  program.options = {
      std::move(atsign),
      managers_option(into),
      policy_option(into.policy),
      std::move(device),
      std::move(group),
      permit_option(into),
      std::move(keys),
      permissions_option(into.key_permissions),
      negatable(flag_option("-h,--hide", into.hide, "publish nothing about this device")),
      username_option(into.without_effect),
      std::move(port)};
  add(program, account_options(into.key_access, into.directory, into.ca_file));
  add(program, config_options(into));
  add(program, ignored_options(into.without_effect));
  add(program, output_options());
  program.details =
      "A client gets through only when its atSign is one of the managers, or the policy service "
      "lets it in, and what it asks for is in --permit-open; an ssh session counts as localhost "
      "and the port of sshd. Nobody else gets an answer.";
  program.examples = {
      {"sshnpd -a @alice_device -m @alice_client -d my_server",
       "ssh and remote desktop of this machine, for one client"},
      {"sshnpd -a @alice_device -m @alice_client,@bob -d my_server -s --permit-open "
       "localhost:22,192.168.1.90:445",
       "two clients, who may send their ssh keys, and a file server beside this machine"},
      {"sshnpd -a @alice_device -p @alice_policy -d my_server --device-group servers",
       "whoever the policy service lets in"},
  };
  return program;
}

Result<void> complete(Options& options) {
  if (!options.atsign) {
    return fail(Error(Errc::config, "--atsign is mandatory").hint("see sshnpd --help"));
  }
  if (!options.device) options.device = *proto::DeviceName::parse("default");
  if (options.managers.empty() && !options.policy) {
    return fail(Error(Errc::config,
                      "At least one of --managers and --policy-manager options must be supplied.")
                    .hint("name who may connect with -m, or a policy service with -p"));
  }
  const auto* const usual = options.policy ? "*:*" : kUsualPermit;
  auto permit = proto::PermitList::parse(options.permit_text.value_or(usual));
  if (!permit) return fail(std::move(permit).error().during("--permit-open"));
  options.permit = *std::move(permit);
  return {};
}

}  // namespace noports::apps::sshnpd
