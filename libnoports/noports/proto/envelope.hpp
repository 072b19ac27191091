// SPDX-License-Identifier: BSD-3-Clause
// A JSON payload with the signature of an atSign's encryption key: make and check
// (noports-wire.md 6). The signed bytes are the compact text of the payload as embedded.
#pragma once

#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/rsa.hpp"

namespace noports::proto {

// {"payload":P,"signature":b64,"hashingAlgo":"sha256","signingAlgo":"rsa2048"} around the compact
// JSON text `payload` and the signature (raw bytes) that was made over exactly that text.
// bad_syntax for a payload that is no object in its compact form.
Result<std::string> encode_envelope(std::string_view payload, std::string_view signature);

// Both steps at once, for who holds the key.
Result<std::string> seal_envelope(std::string_view payload, const crypto::PrivateKey& key);

// An envelope that parsed; not yet believed.
struct Envelope {
  std::string payload;    // the exact bytes that stood in the envelope
  std::string canonical;  // its compact re-serialisation, members in order
  std::string signature;  // raw bytes
  std::string hashing_algo, signing_algo;
};

// bad_syntax: not JSON, no object payload, duplicate members anywhere, more than 64 KiB, nesting
// deeper than 16. Trailing CR and LF are tolerated.
Result<Envelope> decode_envelope(std::string_view text);

// Which hashes a signer may have chosen. sha512: lines to the relay of old peers only, so that a
// signer does not get to choose where nobody needs it (security-findings.md S25).
enum class HashRule { sha256_only, sha512_too };

// Over the exact bytes first, then over the canonical form. Other algorithms than the rule's with
// rsa2048 are bad_signature; so is everything that does not verify.
Result<void> check_envelope(const Envelope& envelope, const crypto::PublicKey& signer,
                            HashRule rule = HashRule::sha256_only);

}  // namespace noports::proto
