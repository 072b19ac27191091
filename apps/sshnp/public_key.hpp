// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

#include "noports/base/result.hpp"
#include "noports/proto/ssh_key.hpp"

namespace noports::apps::sshnp {

// The public key of -s: the one line of "<identity>.pub"; without such a file the public half of
// the identity itself, which needs no passphrase in OpenSSH's own form, while for other forms
// ssh-keygen is run, which may ask for one on the terminal. Blocking: before the loop. config, with
// the ssh-keygen command that makes the file, when there is no key to be had.
Result<proto::SshPublicKey> read_public_key(const std::filesystem::path& identity);

}  // namespace noports::apps::sshnp
