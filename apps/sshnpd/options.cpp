// SPDX-License-Identifier: BSD-3-Clause
#include "sshnpd/options.hpp"

#include <utility>

#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::sshnpd {
namespace {

Option managers_option(std::set<at::Atsign>& into) {
  Option option;
  option.names = "-m,--managers";
  option.aliases = {"--manager"};
  option.kind = Option::Kind::list;
  option.placeholder = "ATSIGN,...";
  option.help = "the atSigns that may connect";
  option.required = true;
  option.set = [&into](const std::string& value) -> Result<void> {
    auto atsign = at::Atsign::parse(trim(value));
    if (!atsign) return fail(std::move(atsign).error());
    into.insert(*std::move(atsign));
    return {};
  };
  return option;
}

Option permit_option(Options& into) {
  auto option = text_option("--permit-open", "HOST:PORT,...", into.permit_text,
                            "what clients may connect to; * stands for any host or port");
  option.aliases = {"--po"};
  option.default_text = into.permit_text;
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

// Options of the reference that have no meaning here are taken and have no effect, so that units
// and scripts go on working.
Option ignored(std::string names, Option::Kind kind, std::string placeholder) {
  Option option;
  option.names = std::move(names);
  option.kind = kind;
  option.placeholder = std::move(placeholder);
  option.help = "accepted for old scripts; has no effect";
  option.negatable = kind == Option::Kind::flag;
  option.set = [](const std::string&) { return Result<void>(); };
  return option;
}

Option username_option() {
  auto option = ignored("-u,--un-hide", Option::Kind::flag, "");
  option.aliases = {"--username"};
  return option;
}

}  // namespace

Program describe(Options& into) {
  Program program;
  program.name = "sshnpd";
  program.summary = "device daemon: serves its managers without an open inbound port";
  program.synopsis = "sshnpd -a ATSIGN -m ATSIGN[,...] [-d NAME] [OPTION...]";
  auto atsign = completing(atsign_option("-a,--atsign", into.atsign, "the device's own atSign"),
                           Completes::own_atsign);
  atsign.required = true;
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
  program.options = {std::move(atsign),
                     managers_option(into.managers),
                     std::move(device),
                     std::move(group),
                     permit_option(into),
                     std::move(keys),
                     permissions_option(into.key_permissions),
                     flag_option("-h,--hide", into.hide, "publish nothing about this device"),
                     username_option(),
                     std::move(port)};
  add(program, account_options(into.key_access, into.directory, into.ca_file));
  add(program, {ignored("--ssh-client", Option::Kind::value, "NAME"),
                ignored("--ssh-algorithm", Option::Kind::value, "NAME"),
                ignored("--ephemeral-permissions", Option::Kind::value, "TEXT"),
                ignored("--storage-path", Option::Kind::value, "PATH")});
  add(program, output_options());
  program.details =
      "A client gets through only when its atSign is one of the managers and what it asks for is "
      "in --permit-open; an ssh session counts as localhost and the port of sshd. Nobody else gets "
      "an answer.";
  program.examples = {
      {"sshnpd -a @alice_device -m @alice_client -d my_server",
       "ssh and remote desktop of this machine, for one client"},
      {"sshnpd -a @alice_device -m @alice_client,@bob -d my_server -s --permit-open "
       "localhost:22,192.168.1.90:445",
       "two clients, who may send their ssh keys, and a file server beside this machine"},
  };
  return program;
}

Result<void> complete(Options& options) {
  if (!options.device) options.device = *proto::DeviceName::parse("default");
  auto permit = proto::PermitList::parse(options.permit_text);
  if (!permit) return fail(std::move(permit).error().during("--permit-open"));
  options.permit = *std::move(permit);
  return {};
}

}  // namespace noports::apps::sshnpd
