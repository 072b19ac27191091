// SPDX-License-Identifier: BSD-3-Clause
// What sshnp does: log in, open a session, and give it to ssh.
#pragma once

#include <asio/awaitable.hpp>

#include "common/background.hpp"
#include "noports/base/result.hpp"
#include "sshnp/options.hpp"

namespace noports::apps::sshnp {

// The exit status of ssh; 0 with -x (`background`, which gets the command) and --stdio. Both
// arguments outlive it; `background` is null without -x.
asio::awaitable<Result<int>> run_session(const Options& options, Background* background);

}  // namespace noports::apps::sshnp
