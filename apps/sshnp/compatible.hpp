// SPDX-License-Identifier: BSD-3-Clause
// Options of other generations of sshnp that have no effect here: they are accepted, so that
// commands and scripts go on working, and warned about (cli-and-packaging.md 1.3).
#pragma once

#include <string>
#include <vector>

#include "common/option_table.hpp"

namespace noports::apps::sshnp {

// Rows whose use adds the option's name to `used`, which outlives them.
std::vector<Option> compatible_options(std::vector<std::string>& used);

}  // namespace noports::apps::sshnp
