// SPDX-License-Identifier: BSD-3-Clause
// The .atKeys file, both ways (keys-and-enrollment.md 1). The only file access below the wall.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/keys/keys.hpp"

namespace noports::keys {

// The text of the file: the members of the Dart writer in its order, compact (1.4).
crypto::Secret encode(const Keys& keys, const at::Atsign& owner);
// Any writer's form; bad_syntax names the member that is missing or malformed, never its value.
Result<Keys> decode(std::string_view json);

// "<home>/.atsign/keys/@alice_key.atKeys"
std::filesystem::path default_path(const std::filesystem::path& home, const at::Atsign& owner);

// not_set_up when the file does not exist (hint: the at_activate command to run); config when it is
// readable by group or others (hint: the chmod to type) or is no key file.
Result<Keys> load(const std::filesystem::path& path, const at::Atsign& owner);

// Atomic: written beside with mode 0600, synced, renamed, folder synced; folders are made 0700.
// busy when the file exists already.
Result<void> save(const Keys& keys, const at::Atsign& owner, const std::filesystem::path& path);

}  // namespace noports::keys
