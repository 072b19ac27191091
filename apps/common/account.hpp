// SPDX-License-Identifier: BSD-3-Clause
// From the options to what atclient::connect() wants: keys loaded, trust found.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>

#include "common/key_access.hpp"
#include "noports/atclient/client.hpp"
#include "noports/base/result.hpp"

namespace noports::apps {

// atclient::Account::helpers of a program that runs for one session: its letters to relay and
// device go out side by side, each with keys to look up first.
inline constexpr std::size_t kClientHelpers = 2;

// Loads the keys and makes the TLS context of the environment plus `ca_file`. Errors: not_set_up,
// config; nothing is sent anywhere.
asio::awaitable<Result<atclient::Account>> open_account(
    at::Atsign self, KeyAccess access, atclient::Directory directory,
    std::optional<std::filesystem::path> ca_file);

}  // namespace noports::apps
