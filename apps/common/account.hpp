// SPDX-License-Identifier: BSD-3-Clause
// From the options to what atclient::connect() wants: keys loaded, trust found.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "noports/atclient/client.hpp"
#include "noports/base/result.hpp"

namespace noports::apps {

// atclient::Account::helpers of a program that runs for one session: its letters to relay and
// device go out side by side, each with keys to look up first.
inline constexpr std::size_t kClientHelpers = 2;

// Loads the key file (the default one without `key_file`) and makes the TLS context of the
// environment plus `ca_file`. Errors: not_set_up, config; nothing is sent anywhere.
Result<atclient::Account> open_account(const at::Atsign& self,
                                       const std::optional<std::filesystem::path>& key_file,
                                       const atclient::Directory& directory,
                                       const std::optional<std::filesystem::path>& ca_file);

}  // namespace noports::apps
