// SPDX-License-Identifier: BSD-3-Clause
// The public key of another atSign as one of ours knows it (atprotocol-wire.md 3.5, step 2).
#pragma once

#include <cstdint>

#include "noports/atserver/store.hpp"

namespace noports::atserver {

// Remembers `fetched`, the record public:publickey of `other`, as `owner`'s cached copy. True when
// it differs from the copy before: then the key that `owner` shares with `other` is retired, so
// that its clients make a new one. In a Database::Scope.
bool note_public_key(Store& store, const Account& owner, const at::Atsign& other,
                     const Record& fetched, std::int64_t now);

}  // namespace noports::atserver
