// SPDX-License-Identifier: BSD-3-Clause
// The client asks the device for a tunnel: request, grant, refusal, and the wrapping of the session
// keys (noports-newer.md 4, noports-wire.md 8). npt and ssh requests share everything but names.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/proto/lease.hpp"
#include "noports/proto/session_id.hpp"

namespace noports::proto {

enum class RequestKind { npt, ssh };

struct SessionRequest {
  RequestKind kind = RequestKind::npt;
  SessionId session;
  std::string relay_host = {};
  std::uint16_t relay_port = 0;   // port B
  std::string target_host = {};   // npt only
  std::uint16_t target_port = 0;  // npt only
  bool authenticate_to_relay = false;
  RelayAuthMode auth_mode = RelayAuthMode::payload;
  std::optional<std::string> auth_aes_key = {};
  std::optional<std::string> client_nonce = {}, relay_nonce = {};
  bool encrypt = false;                                       // encryptRvdTraffic
  std::optional<std::string> client_ephemeral_key = {};       // base64 SPKI
  std::optional<std::string> client_ephemeral_key_type = {};  // "rsa2048"
  std::optional<std::chrono::milliseconds> timeout = {};      // npt; absent: 60 s
  bool twin_keys = false;
  std::optional<std::string> relay_atsign = {};
  bool operator==(const SessionRequest&) const = default;
};

// The payload of the envelope: members in the order of noports-newer.md 4.2 and 4.3, absent ones
// null, except that an absent timeout is left out.
std::string encode(const SessionRequest& request);
// bad_syntax names the member. What the request needs for what it asks is there: an ephemeral key
// of type rsa2048 with `encrypt`, nonces or AES key with `authenticate_to_relay`. The order of
// members does not matter; the 12 members of release 5.6.3 are enough.
Result<SessionRequest> decode_session_request(RequestKind kind, std::string_view payload);

// AES-256 key and IV as the wire carries them: base64 text.
struct KeyPair {
  crypto::Secret key, iv;  // 32 and 16 raw bytes
};
struct SessionKeys {
  KeyPair client_to_device;
  std::optional<KeyPair> device_to_client;  // with twin keys only
};
SessionKeys fresh_session_keys(bool twin);  // random; with device_to_client when `twin`

// The device's yes. Wrapped values are base64 of the RSA ciphertext; absent without encryption.
struct Grant {
  SessionId session;
  bool twin = false;  // which names are used on the wire
  std::optional<std::string> key_c2d = {}, iv_c2d = {}, key_d2c = {}, iv_d2c = {};
  bool operator==(const Grant&) const = default;
};
// Wraps the base64 text of each key and IV for the client's ephemeral key. bad_syntax when that has
// not 2048 bits.
Result<Grant> make_grant(const SessionId& session, const SessionKeys& keys,
                         const crypto::PublicKey& client_ephemeral);
// Without encryption: nothing wrapped.
Grant plain_grant(const SessionId& session);

// Members in the order of noports-newer.md 4.5, absent values null.
std::string encode(const Grant& grant, RequestKind kind);
// bad_syntax for any other status than "connected" and for a member of the wrong type. Members may
// be absent or null, and the key may have either name. That the session is the one asked for is for
// the caller to check.
Result<Grant> decode_grant(std::string_view payload);
// not_found when nothing is wrapped; bad_syntax, with one sentence for all reasons, when a key or
// IV is missing, cannot be read or has not its 32 or 16 bytes.
Result<SessionKeys> unwrap(const Grant& grant, const crypto::PrivateKey& client_ephemeral);

}  // namespace noports::proto
