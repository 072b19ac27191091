// SPDX-License-Identifier: BSD-3-Clause
// The options of a program, described once: the parser, --help, the man page and the completions
// come from this table (decisions.md, "Errors and exit codes").
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::apps {

// What a shell offers as an option's value; the rest stands in completion.hpp.
enum class Completes { nothing, file, folder, own_atsign, device_atsign, device, relay };

std::string_view completes_name(Completes what) noexcept;  // "own_atsign"

struct Option {
  enum class Kind { flag, value, list };
  std::string names;                 // "-p,--remote-port"; the first long one is the name
  std::vector<std::string> aliases;  // "--rp": accepted, listed in the man page
  Kind kind = Kind::value;
  std::string placeholder;   // "PORT"
  std::string default_text;  // shown in --help
  std::string help;          // one line
  std::string man;           // more for the man page; may be empty
  bool required = false;
  bool negatable = false;  // flags: also --no-name
  bool is_secret = false;  // begin() wipes its values from argv
  // Placeholders FILE and DIR complete files and folders by themselves.
  Completes completes = Completes::nothing;
  // Called with the last occurrence, for a list with each piece between commas of each occurrence,
  // in the order of the command line; flags get "true" or "false". An error's sentence is shown
  // behind the option's name.
  std::function<Result<void>(const std::string& value)> set;
};

// A command line that works as it stands, and what it does.
struct Example {
  std::string command;
  std::string what;
};

struct Program {
  std::string name;      // "npt"
  std::string summary;   // one line
  std::string synopsis;  // "npt -f ATSIGN -t ATSIGN ..."
  std::vector<Option> options;
  std::vector<std::string> subcommands;  // names, for the man page; parsed by the program
  std::string details;                   // man page text after the options
  // Commands with options of their own, each parsed by itself: name, summary and the options that
  // the program's do not hold already. For help, man page and completion.
  std::vector<Program> commands = {};
  std::vector<Example> examples = {};  // for the man page; a test parses each
};

// What parsing ended in: go on, or text for stdout and exit 0 (--help, --version, --man).
struct Parsed {
  bool done = false;
  std::string output;
  std::vector<std::string> positional;
  std::vector<std::string> secrets;  // values of secret options
  // All other options as words that parse to the same, for a program that has to do it again.
  std::vector<std::string> given;
};

// Rules of the reference's parsers (cli-and-packaging.md 1.2): -xVALUE, --name=value, values that
// begin with '-', --no-name, the last of repeated options wins, no abbreviations. Besides the
// table's options: --help, -h where the table does not use it, --version, --man, --completion SHELL
// and --complete KIND (completion.hpp).
// `args` is without the program's name. config for anything else, in one sentence that names the
// option.
Result<Parsed> parse(const Program& program, const std::vector<std::string>& args);

// The first step of a main: parses argv into what the table's `set` functions fill. Nothing when
// the program goes on; otherwise the status to leave with: help and version are on stdout then, an
// error on stderr (the version line in front of it when there was no argument at all, which
// scripts read). `positional` takes the words that are no options; without it they are an error.
std::optional<int> begin(const Program& program, int argc, char** argv,
                         std::vector<std::string>* positional = nullptr);

std::string help_text(const Program& program);
std::string man_page(const Program& program);  // roff, section 1

}  // namespace noports::apps
