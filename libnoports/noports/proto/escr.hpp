// SPDX-License-Identifier: BSD-3-Clause
// ESCR, "encrypted signed challenge-response": how a socket proves to the relay whose it is with
// the key of an enrolment (noports-newer.md 7). The relay says a challenge, the socket one line,
// the relay its verdict. The line is
//   <session> ":" b64 {"iv", "e"}, where e is b64(E) under the session's AES key, and
//   E is {"p": {"sid", "c", "side"}, "s": signature over p, "ha", "sa", "sk": record [, "kid"]}.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/proto/session_id.hpp"
#include "noports/proto/signing_key.hpp"

namespace noports::proto {

// Bytes before the relay's verdict, the challenge of our own kind aside: a line signed with mldsa65
// has 11,200.
inline constexpr std::size_t kEscrLineLimit = 16'384;
inline constexpr std::string_view kEscrAccepted = "ok\n";
inline constexpr std::string_view kEscrRefused = "Socket auth failed\n";

enum class RelaySide { client, device };  // "a", "b"

// 32 fresh bytes in base64, without LF. The ESP32 daemon takes at most 63 characters.
std::string make_escr_challenge();
// Whether we sign it: base64 of at most 128 characters, so that it can be nothing else that we
// sign.
bool is_escr_challenge(std::string_view text) noexcept;

// What is signed.
struct EscrPayload {
  SessionId session;
  std::string challenge;
  RelaySide side = RelaySide::client;
};
std::string encode(const EscrPayload& payload);

// What the line says beside it.
struct EscrKey {
  SigningKeyUri record;
  std::optional<std::string> id = {};
};

// The whole line with its LF; `signature` (raw bytes, rsa2048 with SHA-256) is over
// encode(payload), `aes_key` has 32 bytes, `iv` 16. config for another size.
Result<std::string> encode_escr_line(const EscrPayload& payload, const EscrKey& key,
                                     std::string_view signature, std::span<const std::byte> aes_key,
                                     std::string_view iv);

// The session that a line is for, so that its key can be found; the rest is not looked at.
// bad_syntax for what cannot be a line.
Result<SessionId> escr_session(std::string_view line);

// A line of the session that parsed and answers the challenge; not yet believed.
struct EscrProof {
  RelaySide side = RelaySide::client;
  std::string payload;    // the bytes that were signed
  std::string signature;  // raw
  crypto::Hash hash = crypto::Hash::sha256;
  SigningAlgorithm algorithm = SigningAlgorithm::rsa2048;
  SigningKeyUri record;
  std::optional<std::string> key_id = {};
};

// `line` without its end. bad_syntax for what is no line, and for what cannot be opened with the
// session's key; bad_signature for another session or another challenge. Whose side may be proved
// by whose record is for check_escr_proof.
Result<EscrProof> open_escr_line(std::string_view line, const SessionId& session,
                                 std::string_view challenge, std::span<const std::byte> aes_key);

// Whether `owner`, whose side it is, has made the proof, given what stands in proof.record.
// bad_signature when not.
Result<void> check_escr_proof(const EscrProof& proof, const at::Atsign& owner,
                              const std::vector<SigningKey>& offered);

}  // namespace noports::proto
