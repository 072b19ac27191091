// SPDX-License-Identifier: BSD-3-Clause
// What --version prints and what a ping answers.
#pragma once

#include <string>
#include <string_view>

namespace noports {

std::string_view version() noexcept;  // "0.1.0"
std::string version_line();           // "Version : 0.1.0 (core: 0.1.0+1a2b3c4d5e)"

}  // namespace noports
