// SPDX-License-Identifier: BSD-3-Clause
// The first line a socket says to a relay, payload mode, and the verdict on it
// (noports-wire.md 9.3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/proto/session_id.hpp"

namespace noports::proto {

inline constexpr std::size_t kRelayLineLimit = 4096;  // bytes, before authentication

// What both sides and the relay know of a session; the text that is signed.
struct RelayCredentials {
  SessionId session;
  std::string client_nonce, relay_nonce;
};

// What is signed, and the line with its LF around it and the signature (raw bytes); the same for
// every socket of one side of a session. bad_syntax when the line would be longer than the limit.
std::string relay_auth_payload(const RelayCredentials& credentials);
Result<std::string> encode_relay_auth_line(const RelayCredentials& credentials,
                                           std::string_view signature);

// Both steps at once, for who holds the key.
Result<std::string> relay_auth_line(const RelayCredentials& credentials,
                                    const crypto::PrivateKey& key);

// `line` without its end. bad_syntax, or bad_signature for another session, another nonce, extra
// members, or a signature that is not the side's.
Result<void> check_relay_auth_line(std::string_view line, const RelayCredentials& expected,
                                   const crypto::PublicKey& signer);

}  // namespace noports::proto
