// SPDX-License-Identifier: BSD-3-Clause
#include "at_activate/options.hpp"

#include <algorithm>
#include <utility>

#include "at_activate/option_rows.hpp"
#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::at_activate {
namespace {

using namespace rows;

struct Entry {
  Command command;
  std::string_view name;
  std::string_view summary;
};

constexpr Entry kCommands[] = {
    {Command::onboard, "onboard", "activate an atSign for the first time"},
    {Command::enroll, "enroll", "ask for keys of this machine's own, with a passcode"},
    {Command::otp, "otp", "print a passcode for one request"},
    {Command::spp, "spp", "set a passcode for many requests"},
    {Command::list, "list", "list the enrolments"},
    {Command::fetch, "fetch", "show one enrolment"},
    {Command::approve, "approve", "approve pending requests"},
    {Command::deny, "deny", "deny pending requests"},
    {Command::revoke, "revoke", "revoke approved enrolments"},
    {Command::unrevoke, "unrevoke", "approve revoked enrolments again"},
    {Command::remove, "delete", "delete an enrolment that was denied or revoked"},
    {Command::automatic, "auto", "wait for requests and approve those that match"},
    {Command::status, "status", "say how far the atSign is set up, as exit status 0 to 4"},
    {Command::interactive, "interactive", "a prompt for these commands"},
    {Command::backup, "backup", "copy the key file to a safe place"},
    {Command::verify, "verify", "check that the key file is whole"},
    {Command::import, "import", "make the key file from one that openssl enc has encrypted"},
};

const Entry& entry(Command command) noexcept {
  return *std::find_if(std::begin(kCommands), std::end(kCommands),
                       [command](const Entry& one) { return one.command == command; });
}

Error usage(std::string what) {
  return Error(Errc::config, std::move(what)).hint("see at_activate --help");
}

std::vector<Option> common_options(Options& into) {
  return {completing(required(atsign_option("-a,--atsign", into.atsign, "the atSign")),
                     Completes::own_atsign),
          key_row(into),
          passphrase_file_option(into.key_access),
          passphrase_option(into),
          hashing_option(),
          accept_open_option(into.key_access),
          root_row(into),
          ca_file_option(into.ca_file),
          size_option("--mca", into.attempts, "how often to try to connect, every 3 s"),
          ignored_flag("--proxy-fallback-enabled"),
          verbose_option(),
          debug_option(),
          json_row(into)};
}

void add_selectors(std::vector<Option>& all, Options& into) {
  all.push_back(optional_text("-A,--arx", into.app_selector, "NAME", "those of this application"));
  all.push_back(optional_text("-D,--drx", into.device_selector, "NAME", "those of this device"));
  all.push_back(
      explained(flag_option("--regex", into.is_regex, "--arx and --drx are regular expressions"),
                "They are searched anywhere in the name. Without it, names are compared "
                "as a whole."));
}

Option legacy_iv_option(Options& into) {
  return flag_option("--legacy-iv", into.zero_iv,
                     "encrypt as atServers before 3.1 need it; weaker");
}

void add_onboard(std::vector<Option>& all, Options& into) {
  all.push_back(cramkey_option(into));
  all.push_back(path_option("--cramkey-file", into.cramkey_file,
                            "a file that holds the activation secret; - is standard input"));
  auto retries = count_option("--max-retries", into.retries,
                              "how often to try, every 2 s, while it cannot be reached");
  retries.default_text = "50";
  retries.man = "A new atSign appears in the atDirectory some time after its registration.";
  all.push_back(std::move(retries));
  all.push_back(registrar_option(into));
  all.push_back(registrar_key_option(into));
  all.push_back(refused_option("--allow-bad-registrar-certs"));
  all.push_back(ignored_flag("-y,--yes"));
}

void add_enroll(std::vector<Option>& all, Options& into) {
  all.push_back(required(text_option("-s,--passcode", "CODE", into.passcode,
                                     "the passcode, from otp or spp on another machine")));
  all.push_back(required(label_option("-p,--app", into.app, "the application: noports")));
  all.push_back(required(label_option("-d,--device", into.device, "the device's name")));
  all.push_back(required(namespaces_option(into)));
  all.push_back(expiry_option(into, "how long the keys shall live once they are approved"));
  auto retries = count_option("--max-retries", into.retries,
                              "how many failures of the network in a row to bear");
  retries.default_text = "all";
  all.push_back(std::move(retries));
}

std::vector<Option> own_options(Command command, Options& into) {
  std::vector<Option> all;
  switch (command) {
    case Command::onboard:
      add_onboard(all, into);
      break;
    case Command::enroll:
      add_enroll(all, into);
      break;
    case Command::otp:
      all.push_back(expiry_option(into, "how long it is valid (default: the atServer's 5 min)"));
      break;
    case Command::spp:
      all.push_back(
          required(text_option("-s,--spp", "CODE", into.passcode, "6 to 16 letters and digits")));
      all.push_back(expiry_option(into, "how long it is valid (default: for ever)"));
      break;
    case Command::list:
      all.push_back(status_option(into));
      add_selectors(all, into);
      break;
    case Command::fetch:
    case Command::remove:
      all.push_back(required(id_option(into)));
      break;
    case Command::approve:
      all.push_back(id_option(into));
      add_selectors(all, into);
      all.push_back(legacy_iv_option(into));
      break;
    case Command::revoke:
      all.push_back(flag_option("--force", into.force, "even the enrolment of these keys"));
      [[fallthrough]];
    case Command::deny:
    case Command::unrevoke:
      all.push_back(id_option(into));
      add_selectors(all, into);
      break;
    case Command::automatic:
      add_selectors(all, into);
      all.push_back(size_option("-L,--limit", into.limit, "how many to approve"));
      all.push_back(
          flag_option("--approve-existing", into.approve_existing, "also those that wait already"));
      all.push_back(legacy_iv_option(into));
      break;
    case Command::backup:
      all.push_back(required(path_option("--to", into.to, "where the copy goes")));
      break;
    case Command::import:
      all.push_back(required(path_option("--encrypted", into.encrypted,
                                         "a file of openssl enc -aes-256-cbc -pbkdf2")));
      break;
    case Command::status:
    case Command::interactive:
    case Command::verify:
      break;
  }
  return all;
}

}  // namespace

std::string_view name(Command command) noexcept { return entry(command).name; }

std::optional<Command> command_of(std::string_view word) noexcept {
  for (const auto& one : kCommands) {
    if (one.name == word) return one.command;
  }
  return std::nullopt;
}

Program describe(Options& into) {
  Program program;
  program.name = "at_activate";
  program.summary = "activates atSigns, and gives machines and programs keys of their own";
  program.synopsis = "at_activate COMMAND -a ATSIGN [OPTION...]";
  program.options = common_options(into);
  for (const auto& one : kCommands) {
    Program command;
    command.name = std::string(one.name);
    command.summary = std::string(one.summary);
    command.options = own_options(one.command, into);
    program.commands.push_back(std::move(command));
  }
  program.details =
      "onboard activates an atSign for the first time. Without an activation secret it has the "
      "registrar send a code to the owner's e-mail and asks for it on the terminal; without a "
      "terminal it reads a line of standard input. The key file is written before the "
      "activation secret is used up; enroll keeps its secrets in a file beside the key file until "
      "that is there. When either is interrupted, run it again and it goes on. Keep a copy of the "
      "key file in a safe place: it is the only proof that the atSign is yours. A first word that "
      "begins with - stands for the command onboard.";
  program.examples = {
      {"at_activate onboard -a @alice_client",
       "activate an atSign with the code that its owner is sent"},
      {"at_activate otp -a @alice_device", "a passcode for a new machine, printed on the old one"},
      {"at_activate enroll -a @alice_device -s ABC123 -p noports -d lab -n sshnp:rw,sshrvd:rw "
       "-k /etc/noports/lab.atKeys",
       "ask for keys on the new machine, with rights for a device alone"},
      {"at_activate approve -a @alice_device --arx noports --drx lab",
       "let it have them, on the old machine"},
  };
  return program;
}

Program describe(Command command, Options& into) {
  Program program;
  program.name = "at_activate";
  program.summary = std::string(entry(command).summary);
  program.synopsis = "at_activate " + std::string(entry(command).name) + " -a ATSIGN [OPTION...]";
  program.options = own_options(command, into);
  for (auto& option : common_options(into)) program.options.push_back(std::move(option));
  if (command != Command::onboard) {
    // The reference has them everywhere, and a use for them in onboard alone.
    program.options.push_back(unused_cramkey_option(into));
    program.options.push_back(unused_option("-g,--registrarUrl", "HOST"));
  }
  if (command == Command::automatic) {
    program.options.push_back(unused_option("-i,--enrollmentId", "ID"));
  }
  return program;
}

void name_new_file(Command command, Options& options) {
  auto& file = options.key_access.file;
  const bool is_made = command == Command::onboard || command == Command::enroll;
  if (is_made && file && file->extension() != ".atKeys") *file += ".atKeys";
}

Result<void> check(Command command, const Options& options, const std::vector<std::string>& words) {
  if (!words.empty()) {
    return fail(usage("the word " + printable(words.front()) + " belongs to no option"));
  }
  const bool has_selector = options.app_selector || options.device_selector;
  switch (command) {
    case Command::onboard:
      if (!options.cramkey.empty() && options.cramkey_file) {
        return fail(usage("--cramkey and --cramkey-file exclude each other"));
      }
      return {};
    case Command::enroll:
      if (options.key_access.file) return {};
      return fail(usage("The --keys option is mandatory for the \"enroll\" command"));
    case Command::approve:
    case Command::deny:
    case Command::revoke:
    case Command::unrevoke:
      if (options.id || has_selector) return {};
      return fail(usage("At least one of --enrollmentId, --arx or --drx must be provided"));
    case Command::automatic:
      if (options.app_selector && options.device_selector) return {};
      return fail(usage("auto needs both --arx and --drx"));
    default:
      return {};
  }
}

}  // namespace noports::apps::at_activate
