// SPDX-License-Identifier: BSD-3-Clause
// What `atplatform` can do to a platform's folder, whether it is being served or not: a platform
// that serves it sees the change within a second.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/atserver/guests.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {

// Returns the CRAM secret, 128 hexadecimal digits. config when the atSign is there already, or on a
// platform that has joined.
Result<crypto::Secret> add_atsign(const std::filesystem::path& dir, const at::Atsign& atsign);

// Deletes the atSign with everything of it; its connections end. not_found when it is not there.
Result<void> remove_atsign(const std::filesystem::path& dir, const at::Atsign& atsign);

// Deletes everything of the atSign but its port, so that it can be activated anew with the CRAM
// secret that is returned; its connections end. not_found when it is not there.
Result<crypto::Secret> reset_atsign(const std::filesystem::path& dir, const at::Atsign& atsign);

struct Listed {
  at::Atsign atsign;
  std::uint16_t port;    // 0: none given yet
  bool is_activated;     // its public key is there
  std::string joined{};  // the host, of one that is on a platform which has joined this one
};
Result<std::vector<Listed>> list_atsigns(const std::filesystem::path& dir);

// A token with which other platforms can join this one, as the text of its file
// (join_message.hpp).
Result<crypto::Secret> make_join_token(const std::filesystem::path& dir);
// The tokens that are good, by age.
Result<std::vector<KnownToken>> list_join_tokens(const std::filesystem::path& dir);
// Withdraws a token: the platforms that have joined with it are out of the directory, and cannot
// come back with it. not_found when it is not there.
Result<void> revoke_join_token(const std::filesystem::path& dir, const std::string& id);

// The path of the authority's certificate: of the platform that was joined, or our own, which is
// made when it is not there.
Result<std::filesystem::path> find_authority(const std::filesystem::path& dir);

}  // namespace noports::atserver
