// SPDX-License-Identifier: BSD-3-Clause
#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <utility>

#include "common/argv.hpp"
#include "common/completion.hpp"
#include "common/option_table.hpp"
#include "common/run.hpp"
#include "noports/base/text.hpp"
#include "noports/base/version.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::apps {
namespace {

// What the parser knows beside the table.
Program with_common_options(Program program) {
  const auto flag = [](std::string names) {
    Option option;
    option.names = std::move(names);
    option.kind = Option::Kind::flag;
    return option;
  };
  bool has_h = false;
  for (const auto& option : program.options) has_h |= (option.names + ",").rfind("-h,", 0) == 0;
  program.options.push_back(flag(has_h ? "--help" : "-h,--help"));
  program.options.push_back(flag("--version"));
  program.options.push_back(flag("--man"));
  for (const auto* name : {"--completion", "--complete"}) {
    program.options.push_back(flag(name));
    program.options.back().kind = Option::Kind::value;
  }
  return program;
}

// All spellings of an option, as CLI11 wants them: "--negated" ones carry a '!' in front.
std::string spellings(const Option& option) {
  std::string all = option.names;
  for (const auto& alias : option.aliases) all += "," + alias;
  if (!option.negatable) return all;
  std::string negated;
  for (const auto name : split(all, ',')) {
    auto word = name;
    if (take(word, "--")) negated += ",!--no-" + std::string(word);
  }
  return all + negated;
}

std::string main_name(const Option& option) {
  for (const auto name : split(option.names, ',')) {
    if (name.rfind("--", 0) == 0) return std::string(name);
  }
  return option.names;
}

const Option* find(const Program& program, std::string_view spelling) {
  for (const auto& option : program.options) {
    const auto all = spellings(option);
    for (auto name : split(all, ',')) {
      take(name, "!");
      if (name == spelling) return &option;
    }
  }
  return nullptr;
}

// "--name=" is an empty value; CLI11 would take the next word for it.
std::vector<std::string> split_empty_values(const Program& program,
                                            const std::vector<std::string>& args) {
  std::vector<std::string> out;
  for (const auto& arg : args) {
    const bool ends = arg.size() > 3 && arg.back() == '=' && arg.rfind("--", 0) == 0;
    const auto* option = ends ? find(program, arg.substr(0, arg.size() - 1)) : nullptr;
    if (option != nullptr && option->kind != Option::Kind::flag) {
      out.push_back(arg.substr(0, arg.size() - 1));
      out.emplace_back();
    } else {
      out.push_back(arg);
    }
  }
  return out;
}

struct Occurrence {
  const Option* option;
  std::string value;
};

// CLI11's objects around a table, and what they found.
struct Reader {
  explicit Reader(const Program& program) {
    app.set_help_flag("");
    for (const auto& option : program.options) {
      CLI::Option* made = nullptr;
      if (option.kind == Option::Kind::flag) {
        made = app.add_flag(spellings(option))->disable_flag_override();
      } else {
        made = app.add_option(
            spellings(option), [](const CLI::results_t&) { return true; }, "");
      }
      made->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      known.emplace(made, &option);
    }
    app.add_option("words", words);
  }

  // In the order of the command line.
  std::vector<Occurrence> occurrences() const {
    std::vector<Occurrence> out;
    std::map<const CLI::Option*, std::size_t> seen;
    for (auto* option : app.parse_order()) {
      const auto found = known.find(option);
      if (found == known.end()) continue;
      out.push_back({found->second, option->results().at(seen[option]++)});
    }
    return out;
  }

  CLI::App app;
  std::map<const CLI::Option*, const Option*> known;
  std::vector<std::string> words;
};

Error usage_error(std::string what) { return Error(Errc::config, std::move(what)); }

// CLI11 names the option at the start of its message.
Error mismatch(const Program& program, const CLI::ParseError& e) {
  const std::string_view message = e.what();
  const std::string name(message.substr(0, message.find_first_of(": ")));
  const auto* option = find(program, name);
  if (option == nullptr) option = find(program, "--" + name);
  if (option == nullptr) return usage_error(printable(message));
  const bool is_flag = option->kind == Option::Kind::flag;
  return usage_error(main_name(*option) + (is_flag ? " takes no value" : " wants a value"));
}

Result<void> read(const Program& program, std::vector<std::string> args, Reader& reader) {
  std::reverse(args.begin(), args.end());  // what CLI11 takes: the next word last
  try {
    reader.app.parse(std::move(args));
    return {};
  } catch (const CLI::ExtrasError&) {
    const auto rest = reader.app.remaining();
    const std::string first = rest.empty() ? "" : printable(rest.front());
    return fail(usage_error("Could not find an option named \"" + first + "\""));
  } catch (const CLI::ParseError& e) {
    return fail(mismatch(program, e));
  }
}

Result<void> give(const Option& option, const std::string& value) {
  if (!option.set) return {};
  auto taken = option.set(value);
  if (taken) return {};
  const auto& error = taken.error();
  return fail(usage_error(main_name(option) + ": " + error.what()).hint(error.hint()));
}

Result<void> apply(const std::vector<Occurrence>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [option, value] = all[i];
    if (option->kind == Option::Kind::list) {
      for (const auto piece : split(value, ',')) {
        if (piece.empty()) continue;
        if (auto given = give(*option, std::string(piece)); !given) return given;
      }
      continue;
    }
    bool is_last = true;
    for (std::size_t j = i + 1; j < all.size(); ++j) is_last &= all[j].option != option;
    if (!is_last) continue;
    if (auto given = give(*option, value); !given) return given;
  }
  return {};
}

Result<std::string> completion_for(const Program& program, const std::string& shell) {
  const auto known = parse_shell(shell);
  if (!known) return fail(usage_error("--completion: want bash, zsh or fish"));
  return completion(program, *known);
}

Result<std::string> values_for(const std::string& kind) {
  const auto values = completion_values(kind);
  if (!values) {
    return fail(usage_error("--complete: want own_atsign, device_atsign, device or relay"));
  }
  std::string lines;
  for (const auto& value : *values) lines += value + "\n";
  return lines;
}

// Nothing when none of these was asked for.
std::optional<Result<std::string>> text_for(const Program& program,
                                            const std::vector<Occurrence>& all) {
  for (const auto& one : all) {
    const auto name = main_name(*one.option);
    if (name == "--help") return help_text(program);
    if (name == "--version") return version_line() + "\n";
    if (name == "--man") return man_page(program);
    if (name == "--completion") return completion_for(program, one.value);
    if (name == "--complete") return values_for(one.value);
  }
  return std::nullopt;
}

// As it would be typed with the long name. Flags are given as "true" or "false".
std::string retyped(const Occurrence& one) {
  const auto name = main_name(*one.option);
  if (one.option->kind != Option::Kind::flag) return name + "=" + one.value;
  return one.value == "true" ? name : "--no-" + name.substr(2);
}

}  // namespace

Result<Parsed> parse(const Program& program, const std::vector<std::string>& args) {
  const auto whole = with_common_options(program);
  Reader reader(whole);
  auto done = read(whole, split_empty_values(whole, args), reader);
  if (!done) return fail(std::move(done).error().hint("see " + program.name + " --help"));
  const auto all = reader.occurrences();
  Parsed parsed;
  if (auto text = text_for(program, all)) {
    if (!*text) return fail(std::move(*text).error());
    parsed.done = true;
    parsed.output = **std::move(text);
    return parsed;
  }
  for (const auto& option : program.options) {
    bool given = !option.required;
    for (const auto& one : all) given |= main_name(*one.option) == main_name(option);
    if (given) continue;
    return fail(
        usage_error(main_name(option) + " is mandatory").hint("see " + program.name + " --help"));
  }
  if (auto applied = apply(all); !applied) return fail(std::move(applied).error());
  for (const auto& one : all) {
    if (one.option->is_secret) {
      parsed.secrets.push_back(one.value);
    } else {
      parsed.given.push_back(retyped(one));
    }
  }
  parsed.positional = reader.words;
  return parsed;
}

std::optional<int> begin(const Program& program, int argc, char** argv,
                         std::vector<std::string>* positional) {
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  for (const auto& arg : args) {
    if (arg == "--json" && find(program, "--json") != nullptr) set_json_errors(true);
  }
  auto parsed = parse(program, args);
  if (parsed && !parsed->done && positional == nullptr && !parsed->positional.empty()) {
    parsed = fail(
        usage_error("the word " + printable(parsed->positional.front()) + " belongs to no option")
            .hint("see " + program.name + " --help"));
  }
  if (!parsed) {
    if (args.empty()) std::cerr << version_line() << '\n';
    return report(program.name, parsed.error());
  }
  if (parsed->done) {
    std::cout << parsed->output << std::flush;
    return std::cout.good() ? 0 : 1;
  }
  for (auto& secret : parsed->secrets) {
    hide_in_argv(secret, argc, argv);
    crypto::wipe(secret);
  }
  if (positional != nullptr) *positional = std::move(parsed->positional);
  return std::nullopt;
}

}  // namespace noports::apps
