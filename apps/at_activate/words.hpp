// SPDX-License-Identifier: BSD-3-Clause
// A line typed at the prompt, as words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::apps::at_activate {

// Blanks separate; '...' and "..." and a backslash quote, as in a shell, and nothing else has a
// meaning. config for a quote that does not end.
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace noports::apps::at_activate
