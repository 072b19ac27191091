// SPDX-License-Identifier: BSD-3-Clause
// Options out of a file: the reference's env files and profiles (cli-and-packaging.md 1.3.1).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/option_table.hpp"
#include "noports/base/result.hpp"

namespace noports::apps {

// One line KEY=VALUE, split at the first '='; both trimmed, one pair of matching quotes around the
// value taken away. The key is empty for a line that is not of this form.
struct Setting {
  std::string key, value;
  std::size_t line = 0;  // the first is 1
  bool operator==(const Setting&) const = default;
};

// Comments (the first character that is not blank is '#') and empty lines are left out.
std::vector<Setting> decode_settings(std::string_view text);

// The text of a configuration file, at most 256 KiB. config when it cannot be read.
Result<std::string> read_env_file(const std::filesystem::path& path);

// "<home>/.sshnp/config/<name>.env", blanks as '_'. config for a name that leads elsewhere.
Result<std::filesystem::path> profile_path(const std::filesystem::path& home,
                                           std::string_view name);

// Gives each setting to the option whose long name it is, in capitals with '_' for '-'; aliases
// count. Flags: true, 1, yes and on are true, all else is false; empty values of others are passed
// over; lists are split at commas. Options in `skipped` ("--local-ssh-options") are left alone.
// Returns sentences about lines without effect, each with "file:line". config: the same for a value
// that its option refuses.
Result<std::vector<std::string>> apply_settings(const Program& program,
                                                const std::vector<Setting>& settings,
                                                const std::string& file,
                                                const std::vector<std::string>& skipped);

}  // namespace noports::apps
