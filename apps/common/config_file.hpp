// SPDX-License-Identifier: BSD-3-Clause
// Configuration files of the services: YAML with sections, whose keys are options of the program by
// other names (cli-and-packaging.md 1.5.2).
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "common/option_table.hpp"
#include "noports/base/result.hpp"

namespace noports::apps {

struct ConfigKey {
  std::string_view path;    // section and key: "access/managers"
  std::string_view option;  // a spelling of the option that it sets, "--managers"; empty: no effect
};

// Calls `set` of the options that the file names, as if they stood on a command line. The value is
// a scalar, or a list for options that take several things; a key without a value is as if it were
// not there. Nothing is applied twice: a key that stands there two times is an error.
// config, "FILE:LINE: ..." with the first thing that is wrong: no YAML, a section or a key that is
// not in `keys`, a value of the wrong form, or one that the option does not take. What came before
// it is applied then.
Result<void> read_config(const std::filesystem::path& file, const Program& program,
                         std::span<const ConfigKey> keys);

}  // namespace noports::apps
