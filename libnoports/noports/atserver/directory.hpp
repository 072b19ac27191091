// SPDX-License-Identifier: BSD-3-Clause
// The atDirectory's one question: which host and port serve an atSign? Pure
// (atprotocol-wire.md 2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/atserver/place.hpp"
#include "noports/base/result.hpp"

namespace noports::atserver {

inline constexpr std::string_view kDirectoryGreeting = "@";

// The atSign that a line asks for; nothing for what cannot be one here (empty lines, names with
// '@', "@exit"), and for names that are written other than we keep them.
std::optional<at::Atsign> directory_query(std::string_view line);
bool is_directory_exit(std::string_view line);

// The whole answer with its prompt.
std::string directory_answer(const std::optional<Place>& place);

// The answer of another directory, without its line end; prompts in front are ignored. Nothing when
// it knows no such atSign; bad_syntax for what is no answer.
Result<std::optional<Place>> decode_directory_answer(std::string_view line);

}  // namespace noports::atserver
