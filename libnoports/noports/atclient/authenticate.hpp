// SPDX-License-Identifier: BSD-3-Clause
// Proving to an atServer who we are: from -> pkam with a key, from -> cram with the secret of a
// first activation (keys-and-enrollment.md 2.6, 2.8).
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string_view>

#include "noports/at/atsign.hpp"
#include "noports/atclient/connection.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/keys/keys.hpp"

namespace noports::atclient {

// In which shape the atServer shall send its refusals: a version in `from` selects JSON.
enum class Refusals { json, text };

// Errors, all at Hop::atserver: rejected when the atServer does not accept the key (hint: what to
// do); not_set_up when it has no key at all; bad_syntax for a challenge that we do not sign; what
// ends the connection.
asio::awaitable<Result<void>> authenticate(Connection& connection, at::Atsign self,
                                           std::shared_ptr<const keys::Keys> keys,
                                           Refusals refusals, net::Deadline deadline);

// The same with the activation secret; `secret` lives in the awaiting caller. rejected when it is
// wrong, not_set_up when the atServer has none any more.
asio::awaitable<Result<void>> authenticate(Connection& connection, at::Atsign self,
                                           const crypto::Secret& secret, net::Deadline deadline);

// A challenge is "_<uuid>@alice:<uuid>" in some spelling. What an atServer sends is signed only
// when it cannot be anything else that we sign (envelopes are JSON).
bool is_challenge(std::string_view text) noexcept;

}  // namespace noports::atclient
