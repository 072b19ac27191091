// SPDX-License-Identifier: BSD-3-Clause
// Running another program and waiting for it on the loop.
#pragma once

#include <asio/awaitable.hpp>
#include <string>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::net {

struct Command {
  std::vector<std::string> argv;  // argv[0] is found through PATH
};

// Runs it with our stdin, stdout and stderr and no other descriptor, returns its exit status
// (128 + n when signal n ended it). Cancelled: sends SIGTERM, after 5 s SIGKILL, and waits for the
// end before it goes on unwinding. not_found when the program cannot be started.
// The program stays in our process group: a ^C at the terminal reaches it and us alike, and it is
// the caller's to decide whether it then lets the program finish (do not cancel) or not.
asio::awaitable<Result<int>> run(Command command);

}  // namespace noports::net
