// SPDX-License-Identifier: BSD-3-Clause
// How client and device get past a relay's door: the two ways of authentication as the bridge wants
// them.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "noports/atclient/signer.hpp"
#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/proto/escr.hpp"
#include "noports/proto/relay_auth.hpp"
#include "noports/signing/own_key.hpp"

namespace noports::signing {

// Payload mode: signed once, with the atSign's encryption key; the line is the same for every
// socket of the session (noports-newer.md 8). Both set the leg's `authenticate`.
asio::awaitable<Result<void>> show_line(bridge::Leg& leg, atclient::Signer& signer,
                                        proto::RelayCredentials credentials);

// ESCR: each socket answers a challenge of its own with the enrolment's key (7). `aes_key` is the
// session's relayAuthAesKey, base64 of 32 bytes; bad_syntax for anything else. Only what is a
// challenge and nothing else is ever signed.
Result<void> answer_challenges(bridge::Leg& leg, OwnKey key, proto::SessionId session,
                               proto::RelaySide side, std::string_view aes_key);

}  // namespace noports::signing
