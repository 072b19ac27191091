// SPDX-License-Identifier: BSD-3-Clause
#include "atplatform/options.hpp"

#include <utility>

#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::atplatform {
namespace {

Unexpected usage(std::string what) { return fail(Errc::config, std::move(what)); }

Result<Command> parse_command(const std::string& word) {
  if (word == "serve") return Command::serve;
  if (word == "add") return Command::add;
  if (word == "list") return Command::list;
  if (word == "ca") return Command::ca;
  return usage("'" + printable(word) + "' is no command; want serve, add, list or ca");
}

Option dir_option(std::string& into) {
  auto option = text_option("--dir", "DIR", into, "the folder that holds everything");
  option.man = "Made when it is not there. It must be private to its user (mode 0700).";
  return required(std::move(option));
}

Option listen_option(std::optional<std::string>& into) {
  Option option;
  option.names = "--listen";
  option.placeholder = "ADDRESS";
  option.default_text = "127.0.0.1";
  option.help = "numeric address to listen on (serve)";
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value.empty()) return usage("want a numeric address");
    into = value;
    return {};
  };
  return option;
}

Option host_name_option(std::optional<std::string>& into) {
  Option option;
  option.names = "--host-name";
  option.placeholder = "NAME";
  option.default_text = "localhost";
  option.help = "name or IPv4 address by which clients reach this machine (serve)";
  option.man =
      "What the directory answers, and what the certificate is made for, together with localhost, "
      "127.0.0.1, ::1 and the listening address.";
  option.set = [&into](const std::string& value) -> Result<void> {
    // It stands in "host:port", in certificates and in lines of the protocol.
    const bool good = !value.empty() && value.size() <= 253 &&
                      value.find_first_not_of(
                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789.-") == value.npos &&
                      value.front() != '-' && value.front() != '.';
    if (!good) return usage("want a host name or an IPv4 address");
    into = value;
    return {};
  };
  return option;
}

Option directory_port_option(std::optional<std::uint16_t>& into) {
  Option option;
  option.names = "--directory-port";
  option.placeholder = "PORT";
  option.default_text = "64";
  option.help = "port of the directory; 0: a free one, kept from then on (serve)";
  option.set = [&into](const std::string& value) -> Result<void> {
    const auto port = value == "0" ? std::uint16_t{0} : parse_port(value);
    if (!port) return usage("want a port of 0 to 65535");
    into = *port;
    return {};
  };
  return option;
}

}  // namespace

atserver::PlatformOptions Options::platform() const {
  atserver::PlatformOptions options;
  options.dir = dir;
  options.listen = listen.value_or(options.listen);
  options.host_name = host_name.value_or(options.host_name);
  options.directory_port = directory_port.value_or(options.directory_port);
  return options;
}

Program describe(Options& into) {
  Program program;
  program.name = "atplatform";
  program.summary = "an atDirectory and the atServers of any number of atSigns, on one machine";
  program.synopsis = "atplatform serve|add ATSIGN|list|ca --dir DIR [OPTION...]";
  program.options = {dir_option(into.dir),
                     listen_option(into.listen),
                     host_name_option(into.host_name),
                     directory_port_option(into.directory_port),
                     verbose_option(),
                     debug_option(),
                     json_option()};
  program.subcommands = {"serve", "add", "list", "ca"};
  program.details =
      "serve runs until SIGTERM or SIGINT. When it is ready it prints one line, \"directory "
      "HOST:PORT\", which is what the other programs take as --root-server. What it has answered "
      "is on disk.\n\n"
      "add makes an atSign and prints its CRAM secret, with which at_activate onboard activates "
      "it. It works while serve runs and while it does not.\n\n"
      "list prints a line for each atSign: its name, the port of its atServer (- before its first "
      "use), and whether it is activated.\n\n"
      "ca prints the path of the certificate that clients must trust (--ca-file, or "
      "SSL_CERT_FILE), and makes the certificate authority if there is none.";
  return program;
}

Result<void> check(Options& options, const std::vector<std::string>& words) {
  if (words.empty()) return usage("want a command: serve, add, list or ca");
  auto command = parse_command(words.front());
  if (!command) return fail(std::move(command).error());
  options.command = *command;
  const bool adds = options.command == Command::add;
  if (words.size() != (adds ? 2u : 1u)) {
    return usage(adds ? "add: want one atSign" : words.front() + ": takes no further words");
  }
  if (adds) {
    auto atsign = at::Atsign::parse(words[1]);
    if (!atsign) return usage("add: " + atsign.error().what());
    options.atsign = *std::move(atsign);
  }
  const bool serves = options.listen || options.host_name || options.directory_port;
  if (serves && options.command != Command::serve) {
    return usage("--listen, --host-name and --directory-port belong to serve");
  }
  return {};
}

}  // namespace noports::apps::atplatform
