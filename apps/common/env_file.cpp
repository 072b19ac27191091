// SPDX-License-Identifier: BSD-3-Clause
#include "common/env_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "noports/base/text.hpp"

namespace noports::apps {
namespace {

constexpr std::size_t kLargest = 256 * 1024;

// What templates of older releases hold, and the name that the desktop application shows.
constexpr std::array<std::string_view, 5> kSilent = {"PORT", "SSH_PUBLIC_KEY", "RSA",
                                                     "LOCAL_SSHD_PORT", "PROFILE_NAME"};

std::string_view unquoted(std::string_view value) noexcept {
  const bool is_quoted = value.size() >= 2 && value.front() == value.back() &&
                         (value.front() == '"' || value.front() == '\'');
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

Setting decode(std::string_view line, std::size_t number) {
  const auto equals = line.find('=');
  if (equals == line.npos) return {"", "", number};
  return {std::string(trim(line.substr(0, equals))),
          std::string(unquoted(trim(line.substr(equals + 1)))), number};
}

// "--local-port": "LOCAL_PORT"; nothing for short names.
std::string key_of(std::string_view name) {
  if (!take(name, "--")) return {};
  std::string key;
  for (const char c : name) {
    const bool is_small = c >= 'a' && c <= 'z';
    key += c == '-' ? '_' : is_small ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return key;
}

const Option* find(const Program& program, const std::string& key) {
  if (key == "CONFIG_FILE" || key == "PROFILE") return nullptr;  // no file leads to another one
  for (const auto& option : program.options) {
    for (const auto name : split(option.names, ',')) {
      if (key_of(name) == key) return &option;
    }
    for (const auto& alias : option.aliases) {
      if (key_of(alias) == key) return &option;
    }
  }
  return nullptr;
}

bool is_skipped(const Option& option, const std::vector<std::string>& skipped) {
  for (const auto name : split(option.names, ',')) {
    if (std::find(skipped.begin(), skipped.end(), name) != skipped.end()) return true;
  }
  return false;
}

Result<void> give_flag(const Option& option, std::string_view value) {
  const auto word = lower(value);
  const bool is_on = word == "true" || word == "1" || word == "yes" || word == "on";
  if (!is_on && !option.negatable) return {};  // it is off unless somebody turns it on
  return option.set(is_on ? "true" : "false");
}

Result<void> give(const Option& option, const std::string& value) {
  if (option.kind == Option::Kind::flag) return give_flag(option, value);
  if (option.kind == Option::Kind::value) {
    if (value.empty()) return {};
    return option.set(value);
  }
  for (const auto piece : split(value, ',')) {
    if (trim(piece).empty()) continue;
    if (auto given = option.set(std::string(trim(piece))); !given) return given;
  }
  return {};
}

}  // namespace

std::vector<Setting> decode_settings(std::string_view text) {
  std::vector<Setting> all;
  std::size_t number = 0;
  for (const auto whole : split(text, '\n')) {
    ++number;
    const auto line = trim(whole);
    if (!line.empty() && line.front() != '#') all.push_back(decode(line, number));
  }
  return all;
}

Result<std::string> read_env_file(const std::filesystem::path& path) {
  const auto doing = "reading the configuration " + printable(path.string());
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fail(Error(Errc::config, "it does not exist or cannot be opened").during(doing));
  std::string text(kLargest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return fail(Error(Errc::config, "it cannot be read").during(doing));
  if (text.size() > kLargest) return fail(Error(Errc::config, "it is too large").during(doing));
  return text;
}

Result<std::filesystem::path> profile_path(const std::filesystem::path& home,
                                           std::string_view name) {
  std::string file(name);
  std::replace(file.begin(), file.end(), ' ', '_');
  const bool is_name = !file.empty() && file.front() != '.' && is_utf8(file) &&
                       std::none_of(file.begin(), file.end(), [](char c) {
                         return static_cast<unsigned char>(c) < 0x20 || c == '/' || c == 0x7f;
                       });
  if (!is_name) return fail(Errc::config, printable(name, 60) + " is no name of a profile");
  return home / ".sshnp" / "config" / (file + ".env");
}

Result<std::vector<std::string>> apply_settings(const Program& program,
                                                const std::vector<Setting>& settings,
                                                const std::string& file,
                                                const std::vector<std::string>& skipped) {
  std::vector<std::string> remarks;
  for (const auto& one : settings) {
    const auto where = printable(file) + ":" + std::to_string(one.line) + ": ";
    const auto* option = find(program, one.key);
    if (one.key.empty()) {
      remarks.push_back(where + "want KEY=VALUE; the line is passed over");
    } else if (option == nullptr || !option->set) {
      const bool is_old = std::find(kSilent.begin(), kSilent.end(), one.key) != kSilent.end();
      if (!is_old) remarks.push_back(where + printable(one.key, 60) + " is unknown");
    } else if (!is_skipped(*option, skipped)) {
      auto given = give(*option, one.value);
      if (given) continue;
      Error error(Errc::config, where + one.key + ": " + given.error().what());
      return fail(std::move(error).hint(given.error().hint()));
    }
  }
  return remarks;
}

}  // namespace noports::apps
