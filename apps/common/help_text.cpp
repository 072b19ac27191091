// SPDX-License-Identifier: BSD-3-Clause
#include "common/option_table.hpp"
#include "noports/base/text.hpp"
#include "noports/base/version.hpp"

namespace noports::apps {
namespace {

constexpr std::size_t kColumn = 36;  // where the explanations begin

// "-p, --remote-port PORT", "--[no-]name"
std::string shown_names(const Option& option) {
  std::string out;
  for (auto name : split(option.names, ',')) {
    if (!out.empty()) out += ", ";
    if (option.negatable && take(name, "--")) out += "--[no-]";
    out += name;
  }
  if (out.rfind("--", 0) == 0) out.insert(0, "    ");
  if (option.kind != Option::Kind::flag) {
    out += " " + (option.placeholder.empty() ? "VALUE" : option.placeholder);
  }
  return out;
}

void add_line(std::string& out, const std::string& names, const std::string& text) {
  const std::string head = "  " + names;
  out += head;
  if (head.size() + 1 < kColumn) {
    out.append(kColumn - head.size(), ' ');
  } else {
    out += "\n" + std::string(kColumn, ' ');
  }
  out += text + "\n";
}

}  // namespace

std::string help_text(const Program& program) {
  std::string out =
      version_line() + "\n" + program.summary + "\n\nUsage: " + program.synopsis + "\n\n";
  for (const auto& command : program.commands) add_line(out, command.name, command.summary);
  if (!program.commands.empty()) out += "\n";
  for (const auto& option : program.options) {
    if (option.help.empty()) continue;  // hidden: accepted, in the man page only
    auto text = option.help;
    if (option.required) text += " (mandatory)";
    if (!option.default_text.empty()) text += " (defaults to \"" + option.default_text + "\")";
    add_line(out, shown_names(option), text);
  }
  add_line(out, "    --help", "this text");
  add_line(out, "    --version", "the version");
  return out;
}

}  // namespace noports::apps
