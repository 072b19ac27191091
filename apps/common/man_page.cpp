// SPDX-License-Identifier: BSD-3-Clause
#include "common/option_table.hpp"
#include "noports/base/text.hpp"
#include "noports/base/version.hpp"

namespace noports::apps {
namespace {

// Text as roff prints it unchanged: no backslash, hyphen or leading control character of its own.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool starts_line = out.empty() || out.back() == '\n';
    if (starts_line && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string term(const Option& option) {
  std::string out;
  const auto add = [&](std::string_view name) {
    if (!out.empty()) out += ", ";
    out += "\\fB" + roff(name) + "\\fR";
  };
  for (auto name : split(option.names, ',')) {
    add(name);
    if (option.negatable && take(name, "--")) add("--no-" + std::string(name));
  }
  if (option.kind != Option::Kind::flag) {
    out += " \\fI" + roff(option.placeholder.empty() ? "VALUE" : option.placeholder) + "\\fR";
  }
  return out;
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  if (text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 32);
  if (text.back() != '.') text += '.';
  return text;
}

std::string described(const Option& option) {
  std::string out = ".TP\n" + term(option) + "\n" + roff(sentence(option.help)) + "\n";
  if (!option.man.empty()) out += roff(option.man) + "\n";
  if (option.kind == Option::Kind::list) out += "May be repeated; commas separate values.\n";
  if (option.required) out += "Mandatory.\n";
  if (!option.default_text.empty()) out += "Default: " + roff(option.default_text) + ".\n";
  if (option.aliases.empty()) return out;
  out += "Also:";
  for (const auto& alias : option.aliases) out += " " + roff(alias);
  return out + ".\n";
}

}  // namespace

std::string man_page(const Program& program) {
  auto upper = program.name;
  for (auto& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  std::string out = ".TH " + roff(upper) + " 1 \"\" \"NoPorts " + std::string(version()) + "\"\n";
  out += ".SH NAME\n" + roff(program.name) + " \\- " + roff(program.summary) + "\n";
  out += ".SH SYNOPSIS\n" + roff(program.synopsis) + "\n.SH OPTIONS\n";
  for (const auto& option : program.options) out += described(option);
  out += ".TP\n\\fB\\-\\-help\\fR\nA short description of the options.\n";
  out += ".TP\n\\fB\\-\\-version\\fR\nThe version.\n";
  out +=
      ".TP\n\\fB\\-\\-completion\\fR \\fISHELL\\fR\nThe completion script for bash, zsh or "
      "fish.\n";
  if (!program.subcommands.empty()) {
    out += ".SH COMMANDS\n";
    for (const auto& word : program.subcommands) out += roff(word) + "\n.br\n";
  }
  if (!program.commands.empty()) out += ".SH COMMANDS\n";
  for (const auto& command : program.commands) {
    out += ".SS " + roff(command.name) + "\n" + roff(sentence(command.summary)) + "\n";
    for (const auto& option : command.options) out += described(option);
  }
  if (!program.details.empty()) out += ".SH DETAILS\n" + roff(program.details) + "\n";
  if (!program.examples.empty()) out += ".SH EXAMPLES\n";
  for (const auto& example : program.examples) {
    out += ".TP\n\\fB" + roff(example.command) + "\\fR\n" + roff(sentence(example.what)) + "\n";
  }
  out +=
      ".SH EXIT STATUS\n0 done; 1 anything else; 2 usage or configuration; 3 not set up;\n"
      "4 directory or atServer unreachable; 5 authentication rejected; 6 refused by the peer;\n"
      "7 the device did not answer; 8 relay failure; 9 local resource; 130, 143 stopped by\n"
      "SIGINT or SIGTERM.\n";
  return out;
}

}  // namespace noports::apps
