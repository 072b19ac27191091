// SPDX-License-Identifier: BSD-3-Clause
// "1h,14m,30s" (cli-and-packaging.md 1.4).
#pragma once

#include <chrono>
#include <string_view>

#include "noports/base/result.hpp"

namespace noports::apps {

// Pieces <integer><unit> between commas, units d h m s ms us; the text "0" alone is 365 days, the
// protocol's "never". Sums up; at most ten years. config for everything else, a bare number
// included.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace noports::apps
