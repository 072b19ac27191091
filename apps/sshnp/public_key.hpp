// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

#include "noports/base/result.hpp"
#include "noports/proto/ssh_key.hpp"

namespace noports::apps::sshnp {

// The public key in "<identity>.pub": its one line. config when there is none, with the ssh-keygen
// command that makes the file.
Result<proto::SshPublicKey> read_public_key(const std::filesystem::path& identity);

}  // namespace noports::apps::sshnp
