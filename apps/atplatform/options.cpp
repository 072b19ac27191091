// SPDX-License-Identifier: BSD-3-Clause
#include "atplatform/options.hpp"

#include <utility>

#include "atplatform/join_options.hpp"
#include "common/environment.hpp"
#include "common/shared_options.hpp"
#include "noports/atserver/join_message.hpp"
#include "noports/atserver/membership.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::atplatform {
namespace {

Unexpected usage(std::string what) { return fail(Errc::config, std::move(what)); }

// A command and the words that belong behind it.
struct Form {
  const char* word;
  Command command;
  bool takes_atsign, takes_file;
};
constexpr Form kForms[] = {{"serve", Command::serve, false, false},
                           {"add", Command::add, true, false},
                           {"remove", Command::remove, true, false},
                           {"reset", Command::reset, true, false},
                           {"list", Command::list, false, false},
                           {"export", Command::export_, true, true},
                           {"import", Command::import_, false, true},
                           {"ca", Command::ca, false, false},
                           {"join-token", Command::join_token, false, false}};

Result<Form> parse_command(const std::string& word) {
  for (const auto& form : kForms) {
    if (word == form.word) return form;
  }
  return usage("'" + printable(word) +
               "' is no command; want serve, add, remove, reset, list, export, import, ca or "
               "join-token");
}

Option yes_option(bool& into) {
  auto option = flag_option("--yes", into, "delete without asking (remove, reset)");
  option.man = "remove and reset delete what cannot be had back; without --yes they refuse.";
  return option;
}

Option list_json_option(bool& into) {
  auto option = json_option();
  option.help = "print an error as a JSON object; list: print JSON";
  option.set = [&into, set = option.set](const std::string& value) {
    into = value == "true";
    return set(value);
  };
  return option;
}

Option dir_option(std::string& into) {
  auto option = text_option("--dir", "DIR", into, "the folder that holds everything");
  option.man = "Made when it is not there. It must be private to its user (mode 0700).";
  return required(std::move(option));
}

Option listen_option(std::optional<std::string>& into) {
  return with_default(
      text_option("--listen", "ADDRESS", into, "numeric address to listen on (serve)"),
      "127.0.0.1");
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
    if (!atserver::is_host_name(value)) return usage("want a host name or an IPv4 address");
    into = value;
    return {};
  };
  return option;
}

Option registrar_port_option(std::optional<std::uint16_t>& into) {
  Option option;
  option.names = "--registrar-port";
  option.placeholder = "PORT";
  option.help = "be a registrar on this port, over HTTPS; 0: a free one (serve)";
  option.man =
      "at_activate then gets the CRAM secret of an atSign for a code of four characters that its "
      "owner was sent, as from the registrar of the atPlatform. One of --otp-file and "
      "--otp-command "
      "says how codes are sent. A certificate that is renewed is used after a restart.";
  option.set = [&into](const std::string& value) -> Result<void> {
    const auto port = value == "0" ? std::uint16_t{0} : parse_port(value);
    if (!port) return usage("want a port of 0 to 65535");
    into = *port;
    return {};
  };
  return option;
}

Option otp_file_option(std::optional<std::filesystem::path>& into) {
  return explained(path_option("--otp-file", into, "the registrar's codes go to this file (serve)"),
                   "A line \"@alice CODE\" for each, in a file that only its user can read.");
}

Option otp_command_option(std::optional<std::string>& into) {
  return explained(
      text_option("--otp-command", "COMMAND", into,
                  "the registrar's codes go to this command (serve)"),
      "Run by the shell for each code, with the line \"@alice CODE\" on its standard input; it "
      "knows the owner's address and sends the code. If it fails, the client is told so.");
}

Option tls_cert_option(std::optional<std::filesystem::path>& into) {
  return explained(path_option("--tls-cert", into,
                               "certificate of this machine, with its chain, as PEM (serve)"),
                   "In place of one of the platform's own authority. It must be for --host-name, "
                   "which is checked at the start. Files are read again once a day and at SIGHUP.");
}

Option tls_key_option(std::optional<std::filesystem::path>& into) {
  return explained(path_option("--tls-key", into, "its private key, as PEM (serve)"),
                   "Closed to other users of the machine (its group may read it).");
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
  if (tls_cert && tls_key) options.certificate = atserver::OwnCertificate{*tls_cert, *tls_key};
  options.directory_port = directory_port.value_or(options.directory_port);
  if (join && join_token) {
    options.join.emplace();
    options.join->host = *join;
    options.join->token_file = *join_token;
  }
  options.trust = trust_from_environment();
  options.trust.extra_ca = ca_file;
  return options;
}

std::optional<atserver::RegistrarOptions> Options::registrar() const {
  if (!registrar_port) return std::nullopt;
  const std::filesystem::path folder = dir;
  atserver::RegistrarOptions options;
  options.dir = dir;
  // The certificate of a platform that was joined has its key in the same file.
  const auto joined = atserver::joined_certificate(folder);
  options.chain = tls_cert.value_or(join ? joined : folder / "server.pem");
  options.key = tls_key.value_or(join ? joined : folder / "server.key");
  options.listen = listen.value_or(options.listen);
  options.port = *registrar_port;
  options.otp_file = otp_file;
  options.otp_command = otp_command;
  return options;
}

namespace {

std::vector<Example> examples() {
  return {
      {"atplatform serve --dir /var/lib/atplatform --listen 0.0.0.0 --host-name at.example.org",
       "a platform for the machines that reach this one by that name"},
      {"atplatform add @alice --dir /var/lib/atplatform",
       "a new atSign; what is printed goes to at_activate onboard --cramkey-file"},
  };
}

}  // namespace

Program describe(Options& into) {
  Program program;
  program.name = "atplatform";
  program.summary = "an atDirectory and the atServers of any number of atSigns, on one machine";
  program.synopsis =
      "atplatform serve|add ATSIGN|remove ATSIGN|reset ATSIGN|list|export ATSIGN FILE|import "
      "FILE|ca|join-token "
      "--dir DIR [OPTION...]";
  program.options = {dir_option(into.dir),
                     listen_option(into.listen),
                     host_name_option(into.host_name),
                     directory_port_option(into.directory_port),
                     tls_cert_option(into.tls_cert),
                     tls_key_option(into.tls_key),
                     registrar_port_option(into.registrar_port),
                     otp_file_option(into.otp_file),
                     otp_command_option(into.otp_command),
                     yes_option(into.yes),
                     verbose_option(),
                     debug_option(),
                     list_json_option(into.json)};
  auto joining = joining_options(into);
  program.options.insert(program.options.end() - 4, joining.begin(), joining.end());
  for (const auto& form : kForms) program.subcommands.push_back(form.word);
  program.details =
      std::string(
          "serve runs until SIGTERM or SIGINT. When it is ready it prints one line, \"directory "
          "HOST:PORT\", which is what the other programs take as --root-server. What it has "
          "answered "
          "is on disk. Told to stop it answers what was asked, for three seconds at most.\n\n"
          "add makes an atSign and prints its CRAM secret, with which at_activate onboard "
          "activates "
          "it.\n\n"
          "remove deletes an atSign and everything that is kept of it; its connections end. reset "
          "deletes everything but its name and its port, and prints a new CRAM secret, as add "
          "does: "
          "for "
          "an owner who has lost the keys. Both want --yes.\n\n"
          "list prints a line for each atSign: its name, the port of its atServer (- before its "
          "first "
          "use), and whether it is activated. With --json it is one array of objects {\"atsign\", "
          "\"port\", \"activated\"}, port being null before the first use. One that is on a "
          "platform "
          "which has joined this one is marked \"joined HOST:PORT\", in JSON by a member "
          "\"joined\".\n\n"
          "export writes all that is kept of an atSign to a new file that only its user can read "
          "(it "
          "holds the atSign's secrets); import puts it on another platform, the whole of it or "
          "nothing. Take the atSign off the first platform, or stop it, before clients find the "
          "second: what the first receives after the export is not in the file. The port stays if "
          "no "
          "other atSign has it.\n\n"
          "All of these work while serve runs, which follows within a second, and while it does "
          "not.\n\n"
          "ca prints the path of the certificate that clients must trust (--ca-file, or "
          "SSL_CERT_FILE), and makes the certificate authority if there is none.\n\n") +
      joining_text();
  program.examples = examples();
  return program;
}

namespace {

Result<void> check_words(Options& options, const Form& form,
                         const std::vector<std::string>& words) {
  const std::size_t wanted = 1u + (form.takes_atsign ? 1u : 0u) + (form.takes_file ? 1u : 0u);
  if (words.size() != wanted) {
    if (wanted == 1) return usage(words.front() + ": takes no further words");
    return usage(words.front() + ": want " + (form.takes_atsign ? "one atSign" : "") +
                 (wanted == 3 ? " and " : "") + (form.takes_file ? "one file" : ""));
  }
  if (form.takes_atsign) {
    auto atsign = at::Atsign::parse(words[1]);
    if (!atsign) return usage(words.front() + ": " + atsign.error().what());
    options.atsign = *std::move(atsign);
  }
  if (form.takes_file) {
    if (words.back().empty()) return usage(words.front() + ": want one file");
    options.file = words.back();
  }
  return {};
}

}  // namespace

Result<void> check(Options& options, const std::vector<std::string>& words) {
  if (words.empty()) {
    return usage(
        "want a command: serve, add, remove, reset, list, export, import, ca or join-token");
  }
  const auto form = parse_command(words.front());
  if (!form) return fail(form.error());
  options.command = form->command;
  if (auto read = check_words(options, *form, words); !read) return read;
  if (auto joins = check_joining(options); !joins) return joins;
  const bool serves = options.listen || options.host_name || options.directory_port ||
                      options.tls_cert || options.tls_key || options.registrar_port;
  if (serves && options.command != Command::serve) {
    return usage(
        "--listen, --host-name, --directory-port, --tls-cert, --tls-key and --registrar-port "
        "belong "
        "to serve");
  }
  const int ways = (options.otp_file ? 1 : 0) + (options.otp_command ? 1 : 0);
  if (ways != (options.registrar_port ? 1 : 0)) {
    return usage("--registrar-port and one of --otp-file and --otp-command belong together");
  }
  if (options.tls_cert.has_value() != options.tls_key.has_value()) {
    return usage("--tls-cert and --tls-key belong together");
  }
  const bool deletes = options.command == Command::remove || options.command == Command::reset;
  if (deletes && !options.yes) {
    return fail(Error(Errc::config, words.front() + " deletes everything that " +
                                        options.atsign->str() + " keeps on this platform")
                    .hint("add --yes if that is wanted"));
  }
  if (!deletes && options.yes) return usage("--yes belongs to remove and reset");
  return {};
}

}  // namespace noports::apps::atplatform
