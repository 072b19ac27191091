// SPDX-License-Identifier: BSD-3-Clause
#include "at_activate/options.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iostream>
#include <span>
#include <utility>

#include "common/shared_options.hpp"
#include "noports/base/text.hpp"

namespace noports::apps::at_activate {
namespace {

constexpr std::size_t kMostSecret = 4096;  // bytes; those of the registrar have 128
constexpr std::uint64_t kMostRetries = 10'000;

constexpr std::array<std::string_view, 15> kOtherCommands = {
    "status", "otp",  "spp",    "interactive", "list",   "fetch",   "approve", "deny",
    "revoke", "auto", "delete", "unrevoke",    "enroll", "decrypt", "version"};

Error usage(std::string what) {
  return Error(Errc::config, std::move(what)).hint("see at_activate --help");
}

Option cramkey_option(Options& into) {
  Option option;
  option.names = "-c,--cramkey";
  option.aliases = {"--license-key"};
  option.placeholder = "SECRET";
  option.help = "the activation secret; - reads it from standard input";
  option.man =
      "A secret on the command line can be read by every user of the machine while the program "
      "starts, and stays in the shell's history. Better is --cramkey-file, or - here.";
  option.set = [&into](const std::string& value) -> Result<void> {
    if (value.empty()) return fail(Errc::config, "want a secret, or - for standard input");
    into.cramkey = crypto::Secret(std::string_view(value));
    return {};
  };
  return option;
}

Option retries_option(Options& into) {
  Option option;
  option.names = "--max-retries";
  option.placeholder = "N";
  option.default_text = std::to_string(into.retries);
  option.help = "how often to try again, every 2 s, while the atSign cannot be reached";
  option.man = "A new atSign appears in the atDirectory some time after its registration.";
  option.set = [&into](const std::string& value) -> Result<void> {
    const auto number = parse_number(value);
    if (!number || *number > kMostRetries) return fail(Errc::config, "want a number up to 10000");
    into.retries = static_cast<std::size_t>(*number);
    return {};
  };
  return option;
}

Option key_option(Options& into) {
  auto option = path_option("-k,--keys", into.key_file, "the key file to make");
  option.aliases = {"--key-file", "--keyFile"};
  option.default_text = "~/.atsign/keys/<atSign>_key.atKeys";
  return option;
}

Option root_option(Options& into) {
  auto option = root_server_option(into.directory);
  option.names = "-r," + option.names;
  option.aliases.push_back("--rootServer");
  return option;
}

// The secret in a text that may end with blanks and line breaks, as files do.
Result<crypto::Secret> take_secret(std::string_view text) {
  const auto secret = trim(text);
  const bool is_plain = std::all_of(secret.begin(), secret.end(),
                                    [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (secret.empty() || secret.size() > kMostSecret || !is_plain) {
    return fail(Errc::config, "the activation secret is empty, too long, or not one word");
  }
  return crypto::Secret(secret);
}

Result<crypto::Secret> read_secret_from(std::istream& in) {
  std::string text(kMostSecret + 2, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  auto secret =
      take_secret(std::string_view(text).substr(0, static_cast<std::size_t>(in.gcount())));
  crypto::wipe(text);
  return secret;
}

}  // namespace

Program describe(Options& into) {
  Program program;
  program.name = "at_activate";
  program.summary = "activates an atSign and makes its key file";
  program.synopsis = "at_activate onboard -a ATSIGN --cramkey-file FILE [OPTION...]";
  program.subcommands = {"onboard"};
  program.options = {required(atsign_option("-a,--atsign", into.atsign, "the atSign to activate")),
                     cramkey_option(into),
                     path_option("--cramkey-file", into.cramkey_file,
                                 "a file that holds the activation secret; - is standard input"),
                     key_option(into),
                     root_option(into),
                     ca_file_option(into.ca_file),
                     retries_option(into),
                     verbose_option(),
                     debug_option(),
                     json_option()};
  program.details =
      "onboard activates an atSign for the first time. The key file is written before the "
      "activation secret is used up; when the program is interrupted, run it again and it goes on. "
      "Keep a copy of the key file in a safe place: it is the only proof that the atSign is yours.";
  return program;
}

Result<void> check_command(int argc, const char* const* argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  const bool is_other =
      std::find(kOtherCommands.begin(), kOtherCommands.end(), word) != kOtherCommands.end();
  if (!is_other) return {};
  return fail(Errc::config,
              "the command " + std::string(word) + " is not available in this version yet");
}

Result<void> check(const Options& options, const std::vector<std::string>& words) {
  const std::string command = words.empty() ? "onboard" : words.front();
  if (command != "onboard") return fail(usage("Unknown command: " + printable(command)));
  if (words.size() > 1) {
    return fail(usage("the word " + printable(words[1]) + " belongs to no option"));
  }
  if (!options.cramkey.empty() && options.cramkey_file) {
    return fail(usage("--cramkey and --cramkey-file exclude each other"));
  }
  if (options.cramkey.empty() && !options.cramkey_file) {
    return fail(Error(Errc::config, "the activation secret is missing")
                    .hint("put it into a file of your own and name that with --cramkey-file"));
  }
  return {};
}

void hide_secret(const Options& options, int argc, char** argv) noexcept {
  const auto secret = options.cramkey.text();
  if (secret.empty() || secret == "-") return;
  for (int i = 1; i < argc; ++i) {
    const auto size = std::strlen(argv[i]);
    if (!std::string_view(argv[i], size).ends_with(secret)) continue;
    // "-cSECRET" and "--cramkey=SECRET" keep their names.
    char* const begin = argv[i] + (size - secret.size());
    crypto::wipe(std::as_writable_bytes(std::span(begin, secret.size())));
  }
}

Result<crypto::Secret> read_secret(const Options& options) {
  if (options.cramkey_file && *options.cramkey_file != "-") {
    std::ifstream file(*options.cramkey_file, std::ios::binary);
    if (!file) {
      return fail(Errc::config, "cannot read " + printable(options.cramkey_file->string()));
    }
    return read_secret_from(file);
  }
  if (options.cramkey_file || options.cramkey.text() == "-") return read_secret_from(std::cin);
  return take_secret(options.cramkey.text());
}

}  // namespace noports::apps::at_activate
