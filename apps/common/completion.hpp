// SPDX-License-Identifier: BSD-3-Clause
// Completion of command lines in bash, zsh and fish. The scripts come from the table of options;
// for what only this machine knows they call the program: `npt --complete device`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/option_table.hpp"

namespace noports::apps {

enum class Shell { bash, zsh, fish };

std::optional<Shell> parse_shell(std::string_view name) noexcept;

// The script that the shell reads: `source <(npt --completion bash)`.
std::string completion(const Program& program, Shell shell);

// What an option's value may be, on this machine: `kind` is a name of completes_name(). Nothing for
// a kind that is not asked for. Never fails: without a home folder there is nothing to offer.
std::optional<std::vector<std::string>> completion_values(std::string_view kind);

}  // namespace noports::apps
