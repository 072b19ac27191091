// SPDX-License-Identifier: BSD-3-Clause
#include "srvd/options.hpp"

#include <utility>

#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::srvd {
namespace {

Option manager_option(std::optional<at::Atsign>& into) {
  std::optional<at::Atsign> unused;
  auto option = atsign_option("-m,--manager", unused, "the only client that is served");
  option.default_text = "open";
  option.man = "The word open, which is the default, admits every client.";
  option.set = [&into](const std::string& value) -> Result<void> {
    into.reset();
    if (value == "open") return {};
    auto atsign = at::Atsign::parse(value);
    if (!atsign) return fail(std::move(atsign).error());
    into = *std::move(atsign);
    return {};
  };
  return option;
}

Option detection_option(std::chrono::milliseconds& into) {
  Option option;
  option.names = "--relay-auth-detect-window-ms";
  option.placeholder = "MILLISECONDS";
  option.default_text = std::to_string(into.count());
  option.help = "how long a socket may be silent before it is given a challenge";
  option.man =
      "Only sockets of which nothing is known are waited for. Raise it where devices with payload "
      "authentication are further away than that.";
  option.set = [&into](const std::string& value) -> Result<void> {
    const auto number = parse_number(value);
    if (!number || *number > 4'000) return fail(Errc::config, "want milliseconds, 0 to 4000");
    into = std::chrono::milliseconds(*number);
    return {};
  };
  return option;
}

std::vector<Option> single_port_options(Options& into) {
  std::vector<Option> options;
  options.push_back(negatable(explained(
      flag_option("--443", into.has_single_port, "serve sessions on one port, 443, as well"),
      "For clients that say --443 because their network lets nothing else out. All those sessions "
      "share the port, and both sides authenticate with escr.")));
  options.push_back(
      with_default(explained(port_option("--443-bind-port", into.single_port_bound, 1,
                                         "the port that --443 listens on"),
                             "For a machine where something else leads port 443 there."),
                   "443"));
  options.push_back(
      with_default(explained(port_option("--443-port", into.single_port_told, 1,
                                         "the port that clients of --443 are told"),
                             "Another one than 443 is of use among programs of this package only."),
                   "443"));
  return options;
}

// Recorded in scripts of the reference's users; nothing of ours logs what passes through.
Option snoop_option() {
  Option option;
  option.names = "-s,--snoop";
  option.kind = Option::Kind::flag;
  option.help = "not supported: a relay does not look at traffic";
  option.set = [](const std::string& value) -> Result<void> {
    if (value == "false") return {};
    return fail(Errc::config, "this relay never looks at what passes through it");
  };
  return option;
}

}  // namespace

Program describe(Options& into) {
  Program program;
  program.name = "srvd";
  program.summary = "relay: joins clients and devices, without being able to read them";
  program.synopsis = "srvd -a ATSIGN -i ADDRESS [OPTION...]";
  auto atsign = completing(atsign_option("-a,--atsign", into.atsign, "the relay's own atSign"),
                           Completes::own_atsign);
  atsign.required = true;
  auto address = text_option("-i,--ip", "ADDRESS", into.address,
                             "host name or IP address that clients and devices connect to");
  address.required = true;
  auto bind = text_option("--bind", "ADDRESS", into.bind, "local address of the session ports");
  bind.default_text = into.bind;
  auto storage = flag_option("--per-session-storage", into.per_session_storage,
                             "accepted for old scripts; nothing is stored");
  storage.aliases = {"--pss"};
  storage.negatable = true;
  program.options = {std::move(atsign), std::move(address), std::move(bind),
                     manager_option(into.manager), detection_option(into.detection)};
  add(program, single_port_options(into));
  add(program, account_options(into.key_access, into.directory, into.ca_file));
  add(program, {snoop_option(), std::move(storage)});
  add(program, output_options());
  program.details =
      "Each session takes two free ports, which it gives back at its end. A relay needs no port of "
      "its own to be reached by requests: they come through its atServer. With --443 there is one "
      "more, for all sessions that ask for it.";
  program.examples = {
      {"srvd -a @my_relay -i relay.example.org", "a relay for everybody"},
      {"srvd -a @my_relay -i 203.0.113.7 --bind 10.0.0.7 -m @alice_client",
       "a relay for one client, behind an address translation"},
  };
  return program;
}

}  // namespace noports::apps::srvd
