// SPDX-License-Identifier: BSD-3-Clause
// The ssh command of a session: run, or printed with -x.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sshnp/options.hpp"

namespace noports::apps::sshnp {

// ssh -p PORT [-o StrictHostKeyChecking=accept-new -o IdentitiesOnly=yes] OPTIONS [USER@]localhost
// [-i IDENTITY], the reference's order (cli-and-packaging.md 2.4). `user` may be empty.
std::vector<std::string> ssh_command(const Options& options, std::uint16_t port,
                                     const std::string& user);

// The words as one line, joined by blanks, nothing quoted.
std::string as_line(const std::vector<std::string>& words);

}  // namespace noports::apps::sshnp
