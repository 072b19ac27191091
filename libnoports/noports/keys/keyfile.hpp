// SPDX-License-Identifier: BSD-3-Clause
// The .atKeys file, both ways (keys-and-enrollment.md 1). The only file access below the wall.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/keys/keys.hpp"

namespace noports::keys {

// A usual file has 5.7 KiB; typed key documents (1.8) are larger.
inline constexpr std::size_t kMaxKeyFile = std::size_t{1} << 20;  // bytes

// The text of the file: the members of the Dart writer in its order, compact (1.4). The same keys
// always give the same bytes. Without an enrolment its two members are left out.
crypto::Secret encode(const Keys& keys, const at::Atsign& owner);

// Any writer's form; bad_syntax names the member that is missing or malformed, never its value.
// config for a file that is protected with a passphrase (1.7).
Result<Keys> decode(std::string_view json);
// The same, and bad_syntax when the file names another atSign than `owner` (not every writer names
// one).
Result<Keys> decode(std::string_view json, const at::Atsign& owner);

// "<home>/.atsign/keys/@alice_key.atKeys"
std::filesystem::path default_path(const std::filesystem::path& home, const at::Atsign& owner);

// not_set_up when the file does not exist (hint: the at_activate command to run); config when it is
// readable by group or others (hint: the chmod to type) or is no key file of the owner; busy when
// it is forbidden to us.
Result<Keys> load(const std::filesystem::path& path, const at::Atsign& owner);

// Atomic: written beside with mode 0600, synced, linked to its name, folder synced; folders that
// are missing are made 0700, whatever the umask. busy when the file exists already (it is left as
// it is) or the place is forbidden to us.
Result<void> save(const Keys& keys, const at::Atsign& owner, const std::filesystem::path& path);

}  // namespace noports::keys
