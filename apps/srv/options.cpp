// SPDX-License-Identifier: BSD-3-Clause
#include "srv/options.hpp"

#include <utility>

#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::srv {
namespace {

Option host_option(std::string names, std::string& into, std::string help) {
  auto option = text_option(std::move(names), "HOST", into, std::move(help));
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value.empty()) return fail(Errc::config, "want a host");
    into = value;
    return {};
  };
  return option;
}

Option mode_option(bool& uses_escr) {
  Option option;
  option.names = "-a,--relay-auth-mode";
  option.placeholder = "MODE";
  option.default_text = "payload";
  option.help = "how --rv-auth authenticates: payload or escr";
  option.set = [&uses_escr](const std::string& value) -> Result<void> {
    if (value != "payload" && value != "escr") return fail(Errc::config, "want payload or escr");
    uses_escr = value == "escr";
    return {};
  };
  return option;
}

// npt of the reference hands on its own idle time, which may be a year.
Option timeout_option(std::chrono::seconds& into) {
  static constexpr std::chrono::seconds kLongest{std::chrono::days{365}};
  Option option;
  option.names = "--timeout";
  option.placeholder = "SECONDS";
  option.default_text = "60";
  option.help = "end when nothing was connected for this long";
  option.set = [&into](const std::string& value) -> Result<void> {
    const auto seconds = parse_number(value);
    if (!seconds || *seconds == 0 || *seconds > static_cast<std::uint64_t>(kLongest.count())) {
      return fail(Errc::config, "want seconds, from 1 to 31536000");
    }
    into = std::chrono::seconds(*seconds);
    return {};
  };
  return option;
}

}  // namespace

Program describe(Options& into) {
  Program program;
  program.name = "srv";
  program.summary = "connects a local TCP port with a session at a relay";
  program.synopsis = "srv -h HOST -p PORT [OPTION...]";
  program.options = {
      required(host_option("-h,--host", into.host, "the relay's host")),
      required(port_option("-p,--port", into.port, 1, "the session's port at the relay")),
      with_default(port_option("--local-port", into.local_port, 0,
                               "the port to connect to, or with --bind-local-port to listen on"),
                   "22"),
      with_default(host_option("--local-host", into.local_host,
                               "the host of that port, or the address to listen on"),
                   "localhost"),
      flag_option("--bind-local-port", into.binds_local_port,
                  "listen on the local port: the client's end"),
      negatable(flag_option("--rv-auth", into.authenticates,
                            "authenticate to the relay, with what stands in the environment")),
      mode_option(into.uses_escr),
      negatable(flag_option("--rv-e2ee", into.encrypts,
                            "encrypt from end to end, with keys that stand in the environment")),
      flag_option("--multi", into.is_multi, "many connections in one session"),
      timeout_option(into.timeout),
      without_effect_option(Option::Kind::value, "--heartbeat", "SECONDS",
                            "this end sends no heartbeats.", into.without_effect),
  };
  add(program, output_options());
  program.details =
      "What sshnp, npt and sshnpd of other makers start for each session, for scripts and programs "
      "that expect it; the programs of this package do not need it.\n\n"
      "Secrets are taken from the environment, once, and removed from it: RV_AUTH, the line for "
      "the "
      "relay; RV_AES_C2D, RV_IV_C2D, RV_AES_D2C and RV_IV_D2C, the keys of both directions, or "
      "RV_AES and RV_IV, one key for both; with -a escr REMOTE_AUTH_ESCR_SESSION_ID, _AES_KEY, "
      "_PUB_KEY_URI, _SIGNING_PUBKEY, _SIGNING_PRIVKEY and _IS_SIDE_A.\n\n"
      "When it is ready, \"rv started successfully\" stands on stderr: for the client's end, it "
      "listens; for the device's, it is connected. When it fails, a line \"Exception running srv\" "
      "says why, and the exit status is 200.";
  program.examples = {
      {"srv -h relay.example -p 40002 --local-port 22 --rv-auth --rv-e2ee",
       "the device's end of one ssh connection"},
      {"srv -h relay.example -p 40001 --local-port 2222 --bind-local-port --multi --rv-auth "
       "--rv-e2ee --timeout 30",
       "the client's end of a session of many connections"},
  };
  return program;
}

}  // namespace noports::apps::srv
