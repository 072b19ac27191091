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

// The same command line without what is secret on it, for reload().
std::vector<std::string> without_secrets(const std::vector<std::string>& args);

// What differs besides the rules, and needs a restart: the keys of the file.
std::vector<std::string> needs_restart(const Options& running, const Options& wanted);

// Reads the file again. The rules in `running` are then what file and command line say now, so that
// they hold however often the service begins anew; all else in it stays. Returns what
// needs_restart() tells. An error as load()'s changes nothing.
Result<std::vector<std::string>> reload(const std::vector<std::string>& args, Options& running);

// What load() has read, as YAML that it reads again, without a passphrase.
std::string to_yaml(const Options& options);

}  // namespace noports::apps::sshnpd
