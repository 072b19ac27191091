// SPDX-License-Identifier: BSD-3-Clause
// The atDirectory's one question: which host and port serve an atSign? Pure
// (atprotocol-wire.md 2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"

namespace noports::atserver {

inline constexpr std::string_view kDirectoryGreeting = "@";

// The atSign that a line asks for; nothing for what cannot be one here (empty lines, names with
// '@', "@exit"), and for names that are written other than we keep them.
std::optional<at::Atsign> directory_query(std::string_view line);
bool is_directory_exit(std::string_view line);

// The whole answer with its prompt; `place` is "host:port".
std::string directory_answer(const std::optional<std::string>& place);

}  // namespace noports::atserver
