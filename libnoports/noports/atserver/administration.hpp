// SPDX-License-Identifier: BSD-3-Clause
// What `atplatform` can do to a platform's folder, whether it is being served or not: a platform
// that serves it sees the change within a second.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver {

// Returns the CRAM secret, 128 hexadecimal digits. config when the atSign is there already.
Result<crypto::Secret> add_atsign(const std::filesystem::path& dir, const at::Atsign& atsign);

// Deletes the atSign with everything of it; its connections end. not_found when it is not there.
Result<void> remove_atsign(const std::filesystem::path& dir, const at::Atsign& atsign);

// Deletes everything of the atSign but its port, so that it can be activated anew with the CRAM
// secret that is returned; its connections end. not_found when it is not there.
Result<crypto::Secret> reset_atsign(const std::filesystem::path& dir, const at::Atsign& atsign);

struct Listed {
  at::Atsign atsign;
  std::uint16_t port;  // 0: none given yet
  bool is_activated;   // its public key is there
};
Result<std::vector<Listed>> list_atsigns(const std::filesystem::path& dir);

// The path of the authority's certificate, which is made when it is not there.
Result<std::filesystem::path> find_authority(const std::filesystem::path& dir);

}  // namespace noports::atserver
