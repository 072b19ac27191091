// SPDX-License-Identifier: BSD-3-Clause
// The configuration of sshnpd: its file, and above it the command line (noports-newer.md 17.4).
#pragma once

#include <string>
#include <vector>

#include "noports/base/result.hpp"
#include "sshnpd/options.hpp"

namespace noports::apps::sshnpd {

// What file and command line together say, complete()d. The file is --config, the one that
// SSHNPD_CONFIG names, or /etc/noports/sshnpd.yaml if that is there. `args` has been parsed before.
// config, in the file as "FILE:LINE: ...".
Result<Options> load(const std::vector<std::string>& args);

// The same as YAML that load() reads, without a passphrase.
std::string to_yaml(const Options& options);

// What differs besides the rules, and needs a restart: the keys of the file.
std::vector<std::string> needs_restart(const Options& running, const Options& wanted);

}  // namespace noports::apps::sshnpd
