// SPDX-License-Identifier: BSD-3-Clause
#include "npt/options.hpp"

#include <utility>

#include "common/duration.hpp"
#include "common/relay_options.hpp"
#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::npt {
namespace {

using namespace std::chrono_literals;

Error usage(std::string what) {
  return Error(Errc::config, std::move(what)).hint("see npt --help");
}

Option local_host_option(Options& options) {
  Option option;
  option.names = "--local-host";
  option.aliases = {"--lh"};
  option.kind = Option::Kind::list;
  option.placeholder = "ADDRESS";
  option.default_text = "localhost";
  option.help = "where to listen";
  option.man =
      "The first address that can be listened on is used. 0 or 0.0.0.0 listens on all interfaces: "
      "then every machine that reaches this one can use the tunnel.";
  option.set = [&options](const std::string& value) {
    options.local_hosts.push_back(value == "0" ? "0.0.0.0" : value);
    return Result<void>();
  };
  return option;
}

Option forward_option(std::vector<Forward>& into) {
  Option option;
  option.names = "-L,--forward";
  option.kind = Option::Kind::list;
  option.placeholder = "[LOCALHOST:]PORT:HOST:PORT";
  option.help = "a local port and the host and port that it leads to; may be repeated";
  option.man =
      "As ssh's -L. Sessions are opened when a connection first wants them, and kept while they "
      "are used; npt itself runs until it is stopped.";
  option.set = [&into](const std::string& value) -> Result<void> {
    auto forward = parse_forward(value);
    if (!forward) return fail(std::move(forward).error());
    into.push_back(*std::move(forward));
    return {};
  };
  return option;
}

Option socks_option(std::vector<Forward>& into) {
  Option option;
  option.names = "-D,--socks";
  option.kind = Option::Kind::list;
  option.placeholder = "[LOCALHOST:]PORT";
  option.help = "a local SOCKS 5 port; may be repeated";
  option.man =
      "Programs that use it say where each connection goes; names are resolved by the device. What "
      "the device's --permit-open does not allow is refused.";
  option.set = [&into](const std::string& value) -> Result<void> {
    auto forward = parse_socks(value);
    if (!forward) return fail(std::move(forward).error());
    into.push_back(*std::move(forward));
    return {};
  };
  return option;
}

Option timeout_option(Options& options) {
  Option option;
  option.names = "-T,--timeout";
  option.placeholder = "DURATION";
  option.default_text = "30s, or 24h with --keep-alive";
  option.help = "end the session when nothing was connected for this long";
  option.man = "For example 30s, 1h,14m,30s or 7d; 0 means 365 days.";
  option.set = [&options](const std::string& value) -> Result<void> {
    auto span = parse_duration(value);
    if (!span) return fail(std::move(span).error());
    options.timeout = *span;
    options.is_never = value == "0";
    return {};
  };
  return option;
}

Option heartbeat_option(std::chrono::milliseconds& into) {
  Option option;
  option.names = "-H,--heartbeat";
  option.placeholder = "DURATION";
  option.default_text = "5m";
  option.help = "how often an idle session shows that it is wanted; 0 for never";
  option.man = "Firewalls and routers on the way forget connections on which nothing is sent.";
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value == "0") {
      into = std::chrono::milliseconds(0);
      return {};
    }
    auto span = parse_duration(value);
    if (!span) return fail(std::move(span).error());
    if (*span < 1s) return fail(Errc::config, "want a second or more");
    into = *span;
    return {};
  };
  return option;
}

void add_who(Program& made, Options& options) {
  made.options = {
      completing(required(atsign_option("-f,--from", options.from, "our atSign, the client's")),
                 Completes::own_atsign),
      completing(required(atsign_option("-t,--to", options.to, "the device's atSign")),
                 Completes::device_atsign),
      with_aliases(required(relays_option("-r,--srvd", options.relay, options.other_relays)),
                   {"--rvd"}),
      completing(required(device_option("-d,--device", options.device, "the device's name")),
                 Completes::device),
  };
}

void add_where(Program& made, Options& options) {
  auto& all = made.options;
  all.push_back(with_aliases(port_option("-p,--remote-port", options.remote_port, 1,
                                         "the port to reach (mandatory without -L and --socks)"),
                             {"--rp"}));
  all.push_back(
      with_default(with_aliases(text_option("-h,--remote-host", "HOST", options.remote_host,
                                            "the host to reach, as seen from the device"),
                                {"--rh"}),
                   "localhost"));
  all.push_back(with_default(
      with_aliases(port_option("-l,--local-port", options.local_port, 0, "the port to listen on"),
                   {"--lp"}),
      "0, a free one"));
  all.push_back(local_host_option(options));
  all.push_back(forward_option(options.forwards));
  all.push_back(socks_option(options.forwards));
  all.push_back(explained(
      flag_option("--stdio", options.stdio, "one connection, on stdin and stdout; no local port"),
      "The target may then be given as the word HOST:PORT instead of -h and -p."));
}

void add_how(Program& made, Options& options) {
  auto& all = made.options;
  all.push_back(explained(flag_option("-x,--exit-when-connected", options.exit_when_connected,
                                      "print the local port on stdout and go on in the background"),
                          "Nothing else is printed on stdout."));
  all.push_back(explained(flag_option("-K,--keep-alive", options.keep_alive,
                                      "open a new session 5 s after one has ended"),
                          "The local port stays the same."));
  all.push_back(timeout_option(options));
  all.push_back(heartbeat_option(options.heartbeat));
  add(made, relay_auth_options(options.relay_auth));
  all.push_back(encrypt_option(options.encrypt));
  all.push_back(ping_timeout_option(options.ping_timeout));
  all.push_back(
      with_aliases(negatable(flag_option("--per-session-storage", options.per_session_storage,
                                         "accepted for compatibility, without effect")),
                   {"--pss"}));
  all.push_back(quiet_option(options.quiet));
}

void add_common(Program& made, Options& options) {
  add(made, account_options(options.key_access, options.directory, options.ca_file));
  add(made, output_options());
}

// "host:port", "[::1]:port"
bool take_target(Options& options, const std::string& word) {
  const auto colon = word.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const auto port = parse_port(std::string_view(word).substr(colon + 1));
  if (!port) return false;
  const bool is_bracketed = word.front() == '[' && word[colon - 1] == ']';
  options.remote_host = is_bracketed ? word.substr(1, colon - 2) : word.substr(0, colon);
  options.remote_port = *port;
  return true;
}

// -p beside -L is one more local port.
Result<void> check_forwards(Options& options) {
  if (options.forwards.empty()) {
    if (options.remote_port == 0) return fail(usage("--remote-port is mandatory"));
    return {};
  }
  if (options.stdio) return fail(usage("--stdio goes with neither --forward nor --socks"));
  if (options.remote_port == 0) return {};
  Forward first;
  first.local_port = options.local_port;
  first.target = proto::Endpoint{options.remote_host, options.remote_port};
  options.forwards.push_back(std::move(first));
  return {};
}

}  // namespace

Program program(Options& options) {
  Program made;
  made.name = "npt";
  made.summary = "reach a TCP port of a device that has no open ports";
  made.synopsis =
      "npt -f ATSIGN -t ATSIGN -r ATSIGN -d NAME {-p PORT | -L ... | --socks ...} "
      "[OPTION...]";
  add_who(made, options);
  add_where(made, options);
  add_how(made, options);
  add_common(made, options);
  made.examples = {
      {"npt -f @alice_client -t @alice_device -d my_server -r @rv_am -p 3389 -l 33389",
       "remote desktop: connect to localhost:33389"},
      {"npt -f @alice_client -t @alice_device -d my_server -r @rv_am -p 445 -h 192.168.1.90 -l "
       "9000",
       "a file server in the device's network, which its --permit-open must allow"},
      {"npt -f @alice_client -t @alice_device -d my_server -r @rv_am -p 5432 -K",
       "a database, again and again: the local port stays while sessions come and go"},
      {"npt -f @alice_client -t @alice_device -d my_server -r @rv_am --stdio localhost:22",
       "one connection on stdin and stdout, as ssh's ProxyCommand wants it"},
      {"npt -f @alice_client -t @alice_device -d my_server -r @rv_am -L 8080:localhost:80 -L "
       "5432:db.internal:5432 --socks 1080",
       "a web server, a database, and a SOCKS port for everything else, in one process"},
  };
  return made;
}

Result<void> check(Options& options, const std::vector<std::string>& words) {
  if (!words.empty() && !(options.stdio && words.size() == 1)) {
    return fail(usage("the word " + printable(words.front()) + " belongs to no option"));
  }
  if (!words.empty() && !take_target(options, words.front())) {
    return fail(usage(printable(words.front()) + " is no HOST:PORT"));
  }
  if (options.remote_host.empty()) return fail(usage("--remote-host: want a host"));
  if (auto checked = check_forwards(options); !checked) return checked;
  if (options.keep_alive && options.exit_when_connected) {
    return fail(usage("--keep-alive and --exit-when-connected are mutually exclusive"));
  }
  if (options.stdio && (options.keep_alive || options.exit_when_connected)) {
    return fail(usage("--stdio goes with neither --keep-alive nor --exit-when-connected"));
  }
  if (options.local_hosts.empty()) options.local_hosts = {"localhost"};
  options.is_timeout_implied = options.keep_alive && !options.timeout;
  if (!options.timeout) options.timeout = options.keep_alive ? std::chrono::milliseconds(24h) : 30s;
  return {};
}

}  // namespace noports::apps::npt
