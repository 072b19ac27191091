// SPDX-License-Identifier: BSD-3-Clause
#include "noports/signing/door.hpp"

#include <utility>

#include "noports/bridge/auth_line.hpp"
#include "noports/bridge/challenge.hpp"
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"

namespace noports::signing {
namespace {

// What every answer of one side of a session has in common.
struct Party {
  OwnKey key;
  proto::SessionId session;
  proto::RelaySide side;
  crypto::Secret aes_key;
};

asio::awaitable<Result<std::string>> answer(std::shared_ptr<const Party> me,
                                            std::string challenge) {
  if (!proto::is_escr_challenge(challenge)) {
    co_return fail(Errc::bad_syntax, Hop::relay, "what the relay says is no challenge");
  }
  proto::EscrPayload payload{me->session, std::move(challenge), me->side};
  auto signature = co_await me->key.signer->sign(proto::encode(payload));
  if (!signature) co_return fail(std::move(signature).error());
  const proto::EscrKey key{me->key.record};
  co_return proto::encode_escr_line(payload, key, *signature, me->aes_key.bytes(),
                                    crypto::random_bytes(crypto::kAesIvSize));
}

}  // namespace

asio::awaitable<Result<void>> show_line(bridge::Leg& leg, atclient::Signer& signer,
                                        proto::RelayCredentials credentials) {
  auto signature = co_await signer.sign(proto::relay_auth_payload(credentials));
  if (!signature) co_return fail(std::move(signature).error());
  auto line = proto::encode_relay_auth_line(credentials, *signature);
  if (!line) co_return fail(std::move(line).error());
  leg.authenticate = bridge::auth_line(*std::move(line));
  co_return Result<void>();
}

Result<void> answer_challenges(bridge::Leg& leg, OwnKey key, proto::SessionId session,
                               proto::RelaySide side, std::string_view aes_key) {
  auto secret = crypto::base64_decode_secret(aes_key);
  if (!secret || secret->size() != crypto::kAesKeySize) {
    return fail(Errc::bad_syntax, "relayAuthAesKey is not base64 of 32 bytes");
  }
  auto party = std::make_shared<const Party>(
      Party{std::move(key), std::move(session), side, *std::move(secret)});
  leg.authenticate = bridge::answer_challenge(
      [party](std::string challenge) { return answer(party, std::move(challenge)); });
  leg.first_flight = 0;  // the relay has answered: it reads no line any more
  return {};
}

}  // namespace noports::signing
