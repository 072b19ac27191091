// SPDX-License-Identifier: BSD-3-Clause
// The one file of the user that the daemon ever changes: ~/.ssh/authorized_keys.
#pragma once

#include <filesystem>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/proto/ssh_key.hpp"

namespace noports::daemon {

// Adds the key's line unless the key is there already. Under a lock, written beside and renamed,
// owner and mode kept; the file and its folder are made (0600, 0700) when missing (noports-wire.md
// A symbolic link is followed once, so that what it points to is replaced.
Result<void> share_key(const std::filesystem::path& file, const proto::SshPublicKey& key,
                       std::string_view permissions, const at::Atsign& from);

}  // namespace noports::daemon
