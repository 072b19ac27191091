// SPDX-License-Identifier: BSD-3-Clause
// What --print-ssh-config prints: a block of ssh_config(5) (cli-and-packaging.md 3.2).
#pragma once

#include <string>
#include <string_view>

#include "sshnp/options.hpp"

namespace noports::apps::sshnp {

// One word for the shell that runs a ProxyCommand, behind ssh's own reading of '%'.
std::string proxy_word(std::string_view text);

// "Host my_server" with a ProxyCommand of sshnp --stdio and the options that lead to the device,
// and a HostKeyAlias, under which ssh keeps the device's host key. Needs checked options.
std::string ssh_config(const Options& options);

}  // namespace noports::apps::sshnp
