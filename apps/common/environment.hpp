// SPDX-License-Identifier: BSD-3-Clause
// The only reader of environ besides main: home folder, user name, trust.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/net/tls.hpp"

namespace noports::apps {

// HOME, or the password database's entry where it is unset; config when neither exists.
Result<std::filesystem::path> home_folder();
Result<std::string> user_name();      // of the process, from the password database
net::Trust trust_from_environment();  // SSL_CERT_FILE, SSL_CERT_DIR
// A secret that a foreign caller has put there: moved out, so that neither children nor a look into
// /proc show it any more. Nothing when it is unset or empty. Before any other thread exists.
std::optional<crypto::Secret> take_from_environment(const char* name);
// The configuration file that a variable names; nothing when it is unset or empty.
std::optional<std::filesystem::path> config_from_environment(const char* name);
// $XDG_STATE_HOME/noports or ~/.local/state/noports; made 0700
Result<std::filesystem::path> state_folder();

}  // namespace noports::apps
