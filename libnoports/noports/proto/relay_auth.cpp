// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/relay_auth.hpp"

#include "noports/crypto/secret.hpp"
#include "noports/proto/envelope.hpp"
#include "noports/proto/json.hpp"

namespace noports::proto {

std::string relay_auth_payload(const RelayCredentials& credentials) {
  json::Writer out;
  out.text("sessionId", credentials.session.str())
      .text("clientNonce", credentials.client_nonce)
      .text("rvdNonce", credentials.relay_nonce);
  return out.finish();
}

Result<std::string> encode_relay_auth_line(const RelayCredentials& credentials,
                                           std::string_view signature) {
  auto line = encode_envelope(relay_auth_payload(credentials), signature);
  if (!line) return fail(std::move(line).error().during("authenticating to the relay"));
  *line += '\n';
  if (line->size() > kRelayLineLimit) {
    return fail(Errc::bad_syntax, "authenticating to the relay: the nonces are too long");
  }
  return line;
}

Result<std::string> relay_auth_line(const RelayCredentials& credentials,
                                    const crypto::PrivateKey& key) {
  const auto signature = key.sign(relay_auth_payload(credentials));
  if (!signature) return fail(Error(signature.error()).during("authenticating to the relay"));
  return encode_relay_auth_line(credentials, *signature);
}

Result<void> check_relay_auth_line(std::string_view line, const RelayCredentials& expected,
                                   const crypto::PublicKey& signer) {
  if (line.size() > kRelayLineLimit) return fail(Errc::bad_syntax, "the relay line is too long");
  const auto envelope = decode_envelope(line);
  if (!envelope) return fail(envelope.error());
  // The canonical text is equal only for exactly these three members, in this order, with these
  // values: nothing of the peer's own choice is ever verified.
  if (!crypto::equal(envelope->canonical, relay_auth_payload(expected))) {
    return fail(Errc::bad_signature, "the relay line is not of this session");
  }
  return check_envelope(*envelope, signer, HashRule::sha512_too);
}

}  // namespace noports::proto
