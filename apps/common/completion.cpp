// SPDX-License-Identifier: BSD-3-Clause
#include "common/completion.hpp"

#include <array>
#include <utility>

#include "noports/base/text.hpp"

namespace noports::apps {
namespace {

constexpr std::array<std::pair<std::string_view, Shell>, 3> kShells = {
    {{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}}};

bool is_dynamic(Completes what) {
  return what != Completes::nothing && what != Completes::file && what != Completes::folder;
}

Completes completes(const Option& option) {
  if (option.placeholder == "FILE") return Completes::file;
  if (option.placeholder == "DIR") return Completes::folder;
  return option.completes;
}

std::vector<std::string> words(const Program& program) {
  auto all = program.subcommands;
  for (const auto& command : program.commands) all.push_back(command.name);
  return all;
}

// Those of the program and of its commands, each once, and what every program has.
std::vector<Option> options(const Program& program) {
  auto all = program.options;
  for (const auto& command : program.commands) {
    for (const auto& option : command.options) {
      bool is_new = true;
      for (const auto& known : all) is_new &= known.names != option.names;
      if (is_new) all.push_back(option);
    }
  }
  std::erase_if(all, [](const Option& option) { return option.help.empty(); });  // hidden
  Option help;
  help.names = "--help";
  help.kind = Option::Kind::flag;
  help.help = "a short description of the options";
  auto version = help;
  version.names = "--version";
  version.help = "the version";
  all.push_back(std::move(help));
  all.push_back(std::move(version));
  return all;
}

std::vector<std::string> spellings(const Option& option) {
  std::vector<std::string> all;
  for (auto name : split(option.names, ',')) {
    all.emplace_back(name);
    if (option.negatable && take(name, "--")) all.push_back("--no-" + std::string(name));
  }
  return all;
}

std::string joined(const std::vector<std::string>& all, std::string_view between) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : std::string(between)) + one;
  return out;
}

// Within single quotes.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

// --- bash ---

// The words are taken from the line itself: bash breaks COMP_WORDS at '=' and ':' as well.
constexpr std::string_view kBashHead =
    "  local line=\"${COMP_LINE:0:COMP_POINT}\" word before kind='' all\n"
    "  local -a typed\n"
    "  read -ra typed <<<\"$line\"\n"
    "  [[ $line == *[[:space:]] ]] && typed+=('')\n"
    "  word=${typed[-1]} before=${typed[-2]}\n"
    "  COMPREPLY=()\n"
    "  case $before in\n";
constexpr std::string_view kBashTail =
    "  esac\n"
    "  if [[ -n $kind ]]; then\n"
    "    all=$(\"$1\" --complete \"$kind\" 2>/dev/null)\n"
    "  else\n"
    "    all=$words\n"
    "  fi\n"
    "  mapfile -t COMPREPLY < <(compgen -W \"$all\" -- \"$word\")\n"
    "}\n";

std::string bash_case(const Option& option) {
  if (option.kind == Option::Kind::flag) return "";
  auto all = spellings(option);
  all.insert(all.end(), option.aliases.begin(), option.aliases.end());
  const auto head = "    " + joined(all, "|") + ") ";
  const auto what = completes(option);
  if (what == Completes::nothing) return head + "return ;;\n";
  if (is_dynamic(what)) return head + "kind=" + std::string(completes_name(what)) + " ;;\n";
  return head + "compopt -o filenames; mapfile -t COMPREPLY < <(compgen " +
         (what == Completes::file ? "-f" : "-d") + " -- \"$word\"); return ;;\n";
}

std::string bash(const Program& program) {
  const auto function = "_noports_" + program.name;
  std::string cases;
  auto all = words(program);
  for (const auto& option : options(program)) {
    cases += bash_case(option);
    for (auto& name : spellings(option)) all.push_back(std::move(name));
  }
  std::string out = "# bash completion of " + program.name + "\n" + function + "() {\n";
  out += "  local words='" + quoted(joined(all, " ")) + "'\n";
  out += std::string(kBashHead) + cases + std::string(kBashTail);
  return out + "complete -F " + function + " " + program.name + "\n";
}

// --- zsh ---

// As _arguments reads it between the brackets.
std::string zsh_help(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return quoted(out);
}

std::string zsh_action(const Option& option, const std::string& name) {
  switch (const auto what = completes(option)) {
    case Completes::nothing:
      return " ";
    case Completes::file:
      return "_files";
    case Completes::folder:
      return "_files -/";
    default:
      return "{compadd -- ${(f)\"$(" + name + " --complete " + std::string(completes_name(what)) +
             " 2>/dev/null)\"}}";
  }
}

std::string zsh(const Program& program) {
  const auto function = "_noports_" + program.name;
  std::string out = "#compdef " + program.name + "\n" + function + "() {\n  _arguments -s \\\n";
  for (const auto& option : options(program)) {
    const auto all = spellings(option);
    const bool repeats = option.kind == Option::Kind::list;
    for (const auto& name : all) {
      out += "    '" + (repeats ? std::string("*") : "(" + joined(all, " ") + ")") + name + "[" +
             zsh_help(option.help) + "]";
      if (option.kind != Option::Kind::flag) {
        const auto& what = option.placeholder;
        out += ":" + zsh_help(what.empty() ? "VALUE" : what) + ":" +
               quoted(zsh_action(option, program.name));
      }
      out += "' \\\n";
    }
  }
  const auto all = words(program);
  if (!all.empty()) {
    out += "    '1:command:(" + joined(all, " ") + ")' '*:word:_files' \\\n";
  }
  out.erase(out.size() - 3, 2);  // no line follows the last one
  out += "}\n";
  // Read by compinit from a folder, it is the function's body; sourced, it registers itself.
  return out + "if [ \"$funcstack[1]\" = \"_" + program.name + "\" ]; then\n  " + function +
         " \"$@\"\nelse\n  compdef " + function + " " + program.name + "\nfi\n";
}

// --- fish ---

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_names(const Option& option) {
  std::string out;
  for (auto name : split(option.names, ',')) {
    if (take(name, "--")) {
      out += " -l " + std::string(name);
    } else if (take(name, "-")) {
      out += " -s " + std::string(name);
    }
  }
  return out;
}

std::string fish_line(const Option& option, const std::string& name) {
  const auto head = "complete -c " + name;
  const auto help = " -d " + fish_quoted(option.help) + "\n";
  auto out = head + fish_names(option);
  const auto what = completes(option);
  if (is_dynamic(what)) {
    out +=
        " -x -a '(" + name + " --complete " + std::string(completes_name(what)) + " 2>/dev/null)'";
  } else if (what == Completes::file) {
    out += " -r -F";
  } else if (what == Completes::folder) {
    out += " -x -a '(__fish_complete_directories)'";
  } else if (option.kind != Option::Kind::flag) {
    out += " -x";
  }
  out += help;
  if (!option.negatable) return out;
  for (const auto& spelling : spellings(option)) {
    std::string_view rest = spelling;
    if (take(rest, "--no-")) out += head + " -l no-" + std::string(rest) + help;
  }
  return out;
}

std::string fish(const Program& program) {
  std::string out = "# fish completion of " + program.name + "\n";
  out += "complete -c " + program.name + " -f\n";
  for (const auto& word : program.subcommands) {
    out += "complete -c " + program.name + " -n __fish_use_subcommand -a " + word + "\n";
  }
  for (const auto& command : program.commands) {
    out += "complete -c " + program.name + " -n __fish_use_subcommand -a " + command.name + " -d " +
           fish_quoted(command.summary) + "\n";
  }
  for (const auto& option : options(program)) out += fish_line(option, program.name);
  return out;
}

}  // namespace

std::string_view completes_name(Completes what) noexcept {
  switch (what) {
    case Completes::nothing:
      return "nothing";
    case Completes::file:
      return "file";
    case Completes::folder:
      return "folder";
    case Completes::own_atsign:
      return "own_atsign";
    case Completes::device_atsign:
      return "device_atsign";
    case Completes::device:
      return "device";
    case Completes::relay:
      return "relay";
  }
  return "";
}

std::optional<Shell> parse_shell(std::string_view name) noexcept {
  for (const auto& [known, shell] : kShells) {
    if (known == name) return shell;
  }
  return std::nullopt;
}

std::string completion(const Program& program, Shell shell) {
  switch (shell) {
    case Shell::bash:
      return bash(program);
    case Shell::zsh:
      return zsh(program);
    case Shell::fish:
      return fish(program);
  }
  return "";
}

}  // namespace noports::apps
