// SPDX-License-Identifier: BSD-3-Clause
// A child process, its start and its end: what net::run() is made of.
#pragma once

#include <sys/types.h>

#include <asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::net::detail {

// Starts argv[0], found through PATH, with descriptors 0 to 2 of ours and no other, and with no
// signal blocked or ignored. not_found when it cannot be started.
Result<pid_t> spawn(const std::vector<std::string>& argv);

// The exit status of a child, or 128 + n when signal n ended it; nothing while it runs. After its
// end was told once, and for a process that is no child of ours: 255.
std::optional<int> status_of(pid_t child) noexcept;

// Waits until the child may have ended; status_of() knows. Returns early when this coroutine is
// cancelled. Other children are left alone. In child_watch.cpp; for systems without process
// descriptors in child_watch_portable.cpp.
asio::awaitable<Result<void>> child_change(pid_t child);

}  // namespace noports::net::detail
