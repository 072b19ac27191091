// SPDX-License-Identifier: BSD-3-Clause
// at_activate: from an activation secret or a passcode to a key file, and what the owner of an
// atSign does about the keys of others.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string_view>
#include <utility>

#include "at_activate/commands.hpp"
#include "at_activate/options.hpp"
#include "common/run.hpp"
#include "common/terminal.hpp"
#include "noports/base/text.hpp"
#include "noports/base/version.hpp"

using namespace noports;
using apps::at_activate::Command;
using apps::at_activate::Options;

namespace {

constexpr const char* kName = "at_activate";

bool is_about_program(std::string_view word) {
  static constexpr std::string_view kWords[] = {"-h",    "--help",       "--version",
                                                "--man", "--completion", "--complete"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

int usage(std::string what) {
  return apps::report(kName, Error(Errc::config, std::move(what)).hint("see at_activate --help"));
}

// help, version and the like, or a command line that is none. Nothing when there is a command.
std::optional<int> answer_at_once(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << version_line() << '\n';
    return usage("You must supply a command");
  }
  const std::string_view word = argv[1];
  if (word == "help") {
    Options unused;
    std::cout << apps::help_text(apps::at_activate::describe(unused)) << std::flush;
    return 0;
  }
  if (word == "version") {
    std::cout << version_line() << '\n' << std::flush;
    return 0;
  }
  if (is_about_program(word)) {
    Options unused;
    std::vector<std::string> words;
    const bool takes_value = word.starts_with("--complet");
    return apps::begin(apps::at_activate::describe(unused), takes_value ? argc : 2, argv, &words);
  }
  if (word.starts_with("-") || apps::at_activate::command_of(word)) return std::nullopt;
  return usage("Unknown command: " + printable(word));
}

// Asks for what opens or protects the key file, while nothing runs yet.
Result<void> find_passphrase(Command command, Options& options) {
  auto& access = options.key_access;
  if (command == Command::status) return {};
  if (command != Command::import || access.passphrase_file || access.passphrase) {
    return apps::find_passphrase(access, *options.atsign);
  }
  auto typed = apps::ask_secret("Password of " + printable(options.encrypted->string()) + ": ");
  if (!typed) {
    return fail(std::move(typed)
                    .error()
                    .during("asking for the password of the encrypted file")
                    .hint("name a file that holds it with --pass-phrase-file"));
  }
  access.passphrase = std::make_shared<const crypto::Secret>(*std::move(typed));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  apps::harden_process();
  if (const auto status = answer_at_once(argc, argv)) return *status;
  // The old form has no command: it onboards.
  const bool has_command = *argv[1] != '-';
  const auto command =
      has_command ? apps::at_activate::command_of(argv[1]).value() : Command::onboard;
  const int skipped = has_command ? 1 : 0;

  Options options;
  std::vector<std::string> words;
  const auto program = apps::at_activate::describe(command, options);
  const auto status = apps::begin(program, argc - skipped, argv + skipped, &words);
  apps::at_activate::hide_secrets(options, argc, argv);
  if (status) return *status;
  if (auto checked = apps::at_activate::check(command, options, words); !checked) {
    return apps::report(kName, checked.error());
  }
  apps::at_activate::name_new_file(command, options);
  if (auto found = find_passphrase(command, options); !found) {
    return apps::report(kName, found.error());
  }
  return apps::run(kName, [&] { return apps::at_activate::run_command(command, options); });
}
