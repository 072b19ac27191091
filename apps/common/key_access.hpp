// SPDX-License-Identifier: BSD-3-Clause
// Where a program's key file is and what opens it: its options, the question for a passphrase, the
// keys themselves.
#pragma once

#include <asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "common/option_table.hpp"
#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/keys/keys.hpp"

namespace noports::apps {

struct KeyAccess {
  std::optional<std::filesystem::path> file;  // none: the default one of the atSign
  std::optional<std::filesystem::path> passphrase_file;
  bool accept_open_permissions = false;  // the operator insists
  std::shared_ptr<const crypto::Secret> passphrase;
};

// --key-file, --pass-phrase-file, --pass-phrase, --accept-open-key-file. Fills `into`, which must
// outlive them.
std::vector<Option> key_access_options(KeyAccess& into);
Option passphrase_file_option(KeyAccess& into);
Option passphrase_option(KeyAccess& into);
Option accept_open_option(KeyAccess& into);

// The file that was named, or the default one. config without a home folder.
Result<std::filesystem::path> key_path(const KeyAccess& access, const at::Atsign& self);

// Reads the passphrase from its file, or asks for it on the terminal when the key file is under one
// and none is known. Blocking: before the loop, and before the program goes into the background.
// A key file that is missing or unreadable is left to load_keys(). Errors: config, cancelled.
Result<void> find_passphrase(KeyAccess& access, const at::Atsign& self);

// Whether group or others have any right to a regular file.
bool others_may_read(const std::filesystem::path& path);

// The first line of a file, without its end. config when the file cannot be read, the line is empty
// or longer than 4096 bytes, or, without `accept_open`, group or others may read it.
Result<crypto::Secret> read_passphrase_file(const std::filesystem::path& path, bool accept_open);

// keys::load(); off the loop where a passphrase makes it slow.
asio::awaitable<Result<keys::Keys>> load_keys(KeyAccess access, at::Atsign self);

}  // namespace noports::apps
