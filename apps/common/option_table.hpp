// SPDX-License-Identifier: BSD-3-Clause
// The options of a program, described once: the parser, --help, the man page and the completions
// come from this table (decisions.md, "Errors and exit codes").
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::apps {

struct Option {
  enum class Kind { flag, value, list };
  std::string names;                  // "-p,--remote-port"; the first long one is the name
  std::vector<std::string> aliases;   // "--rp": accepted, listed in the man page
  Kind kind = Kind::value;
  std::string placeholder;            // "PORT"
  std::string default_text;           // shown in --help
  std::string help;                   // one line
  std::string man;                    // more for the man page; may be empty
  bool required = false;
  bool negatable = false;             // flags: also --no-name
  // Called for each occurrence, in order; flags get "true" or "false". An error's sentence is
  // shown behind the option's name.
  std::function<Result<void>(const std::string& value)> set;
};

struct Program {
  std::string name;       // "npt"
  std::string summary;    // one line
  std::string synopsis;   // "npt -f ATSIGN -t ATSIGN ..."
  std::vector<Option> options;
  std::vector<std::string> subcommands;  // names, for the man page; parsed by the program
  std::string details;    // man page text after the options
};

// What parsing ended in: go on, or text for stdout and exit 0 (--help, --version, --man).
struct Parsed {
  bool done = false;
  std::string output;
  std::vector<std::string> positional;
};

// Rules of the reference's parsers (cli-and-packaging.md 1.2): -xVALUE, --name=value, values that
// begin with '-', --no-name, the last of repeated options wins, no abbreviations.
// config for anything else, in one sentence that names the option.
Result<Parsed> parse(const Program& program, const std::vector<std::string>& args);

std::string help_text(const Program& program);
std::string man_page(const Program& program);          // roff, section 1
std::string bash_completion(const Program& program);

}  // namespace noports::apps
