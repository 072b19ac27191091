// SPDX-License-Identifier: BSD-3-Clause
// Exceptions that nobody below stopped: a bug, said once, after which the rest goes on.
#pragma once

#include <exception>
#include <functional>
#include <string>

namespace noports::log {

// What an exception says of itself, "unknown exception" when it says nothing. `e` is not empty.
std::string text_of(std::exception_ptr e);

// For net::TaskGroup: logs as an error of `module`, a literal.
std::function<void(std::exception_ptr)> escapes(const char* module);

}  // namespace noports::log
