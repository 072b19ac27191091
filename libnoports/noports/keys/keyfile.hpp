// SPDX-License-Identifier: BSD-3-Clause
// The .atKeys file, both ways (keys-and-enrollment.md 1). The only file access below the wall.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/keys/keys.hpp"
#include "noports/keys/passphrase_envelope.hpp"

namespace noports::keys {

// A usual file has 5.7 KiB; typed key documents (1.8) are larger.
inline constexpr std::size_t kMaxKeyFile = std::size_t{1} << 20;  // bytes

// The text of the file: the members of the Dart writer in its order, compact (1.4), then those that
// we only keep. The same keys always give the same bytes. Without an enrolment its two members are
// left out.
crypto::Secret encode(const Keys& keys, const at::Atsign& owner);

// Any writer's form, typed key documents (1.8) included; bad_syntax names the member that is
// missing or malformed, never its value. A file under a passphrase (1.7) is opened with
// `passphrase`; config when that is none or the wrong one. Then it is slow by design: call it
// through net::offload.
Result<Keys> decode(std::string_view json, const crypto::Secret* passphrase = nullptr);
// The same, and bad_syntax when the file names another atSign than `owner` (not every writer names
// one).
Result<Keys> decode(std::string_view json, const at::Atsign& owner,
                    const crypto::Secret* passphrase = nullptr);

// Whether it is wrapped in the envelope of 1.7. False for anything that is no JSON object.
bool is_under_passphrase(std::string_view json);

// "<home>/.atsign/keys/@alice_key.atKeys"
std::filesystem::path default_path(const std::filesystem::path& home, const at::Atsign& owner);

struct Loading {
  const crypto::Secret* passphrase = nullptr;  // the caller's; none: such files are refused
  // Takes a file that group or others may read or change, where the operator insists.
  bool accept_open_permissions = false;
};

// not_set_up when the file does not exist (hint: the at_activate command to run); config when it is
// readable by group or others (hint: the chmod to type), is no key file of the owner, or does not
// open with the passphrase; busy when it is forbidden to us.
Result<Keys> load(const std::filesystem::path& path, const at::Atsign& owner,
                  const Loading& how = {});

// Whether load() of this file needs a passphrase. The errors of load().
Result<bool> is_under_passphrase(const std::filesystem::path& path, const at::Atsign& owner,
                                 const Loading& how = {});

struct Saving {
  const crypto::Secret* passphrase = nullptr;  // none: a plain file
  EnvelopeForm form = EnvelopeForm::v1;        // of a file under a passphrase
  // In place of what has the name by now, which is gone in the same instant. A link is replaced,
  // not followed.
  bool replace = false;
};

// Atomic: written beside with mode 0600, synced, linked to its name (or moved there, to replace),
// folder synced; folders that are missing are made 0700, whatever the umask. busy when the file
// exists already (it is left as it is) or the place is forbidden to us; config for a passphrase
// that is empty or no UTF-8.
Result<void> save(const Keys& keys, const at::Atsign& owner, const std::filesystem::path& path,
                  const Saving& how = {});

// The same for another file of secrets that belongs to an atSign's keys: what load() and save() say
// of files and folders, without a look at the text.
Result<crypto::Secret> load_private(const std::filesystem::path& path, const at::Atsign& owner);
Result<void> save_private(const crypto::Secret& text, const std::filesystem::path& path,
                          bool replace);

}  // namespace noports::keys
