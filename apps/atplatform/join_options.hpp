// SPDX-License-Identifier: BSD-3-Clause
// The options of atplatform that concern several platforms with one directory.
#pragma once

#include <vector>

#include "atplatform/options.hpp"

namespace noports::apps::atplatform {

std::vector<Option> joining_options(Options& into);
const char* joining_text();  // for the man page
Result<void> check_joining(const Options& options);

}  // namespace noports::apps::atplatform
