// SPDX-License-Identifier: BSD-3-Clause
// The device's answer and the wrapping of the session keys; the request is in session.cpp.
#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"
#include "noports/proto/json.hpp"
#include "noports/proto/members.hpp"
#include "noports/proto/session.hpp"

namespace noports::proto {
namespace {

constexpr std::string_view kWhat = "device answer";
constexpr int kEphemeralBits = 2048;  // all that "rsa2048" may mean (noports-newer.md 4.2)

KeyPair fresh_pair() {
  return KeyPair{crypto::random_secret(crypto::kAesKeySize),
                 crypto::random_secret(crypto::kAesIvSize)};
}

// The plaintext is the base64 text of the bytes, not the bytes (noports-wire.md 8).
Result<std::string> wrap(const crypto::Secret& bytes, const crypto::PublicKey& key) {
  const auto wrapped = key.encrypt(crypto::base64_secret(bytes.bytes()).text());
  if (!wrapped) return fail(wrapped.error());
  return crypto::base64(*wrapped);
}

Result<void> wrap_pair(const KeyPair& pair, const crypto::PublicKey& key,
                       std::optional<std::string>& wrapped_key,
                       std::optional<std::string>& wrapped_iv) {
  auto key_text = wrap(pair.key, key), iv_text = wrap(pair.iv, key);
  if (!key_text) return fail(std::move(key_text).error());
  if (!iv_text) return fail(std::move(iv_text).error());
  wrapped_key = *std::move(key_text);
  wrapped_iv = *std::move(iv_text);
  return {};
}

// One sentence for every way in which it can fail, so that the answer teaches nothing.
Unexpected bad_key() {
  return fail(Errc::bad_syntax, "device answer: cannot read its session keys");
}

Result<crypto::Secret> unwrap_one(const std::string& wrapped, const crypto::PrivateKey& key,
                                  std::size_t size) {
  const auto bytes = crypto::base64_decode(wrapped);
  if (!bytes) return bad_key();
  const auto text = key.decrypt(*bytes);
  if (!text) return bad_key();
  auto secret = crypto::base64_decode_secret(text->text());
  if (!secret || secret->size() != size) return bad_key();
  return secret;
}

Result<KeyPair> unwrap_pair(const std::optional<std::string>& wrapped_key,
                            const std::optional<std::string>& wrapped_iv,
                            const crypto::PrivateKey& key) {
  if (!wrapped_key || !wrapped_iv) return bad_key();
  auto aes_key = unwrap_one(*wrapped_key, key, crypto::kAesKeySize);
  if (!aes_key) return fail(std::move(aes_key).error());
  auto iv = unwrap_one(*wrapped_iv, key, crypto::kAesIvSize);
  if (!iv) return fail(std::move(iv).error());
  return KeyPair{*std::move(aes_key), *std::move(iv)};
}

}  // namespace

SessionKeys fresh_session_keys(bool twin) {
  SessionKeys keys{fresh_pair(), std::nullopt};
  if (twin) keys.device_to_client = fresh_pair();
  return keys;
}

Result<Grant> make_grant(const SessionId& session, const SessionKeys& keys,
                         const crypto::PublicKey& client_ephemeral) {
  if (client_ephemeral.bits() != kEphemeralBits) {
    return fail(Errc::bad_syntax, "the client's ephemeral key has not 2048 bits");
  }
  auto grant = plain_grant(session);
  grant.twin = keys.device_to_client.has_value();
  auto wrapped = wrap_pair(keys.client_to_device, client_ephemeral, grant.key_c2d, grant.iv_c2d);
  if (wrapped && grant.twin) {
    wrapped = wrap_pair(*keys.device_to_client, client_ephemeral, grant.key_d2c, grant.iv_d2c);
  }
  if (!wrapped) return fail(std::move(wrapped).error().during("wrapping the session keys"));
  return grant;
}

Grant plain_grant(const SessionId& session) {
  return Grant{session, false, std::nullopt, std::nullopt, std::nullopt, std::nullopt};
}

std::string encode(const Grant& grant, RequestKind kind) {
  json::Writer out;
  out.text("status", "connected").text("sessionId", grant.session.str());
  // Where the C daemon has it (noports-wire.md 5.5); twin answers never had the member.
  if (kind == RequestKind::ssh && !grant.twin) out.null("ephemeralPrivateKey");
  out.text_or_null(grant.twin ? "aesKeyC2D" : "sessionAESKey", grant.key_c2d)
      .text_or_null(grant.twin ? "ivC2D" : "sessionIV", grant.iv_c2d)
      .text_or_null("aesKeyD2C", grant.key_d2c)
      .text_or_null("ivD2C", grant.iv_d2c)
      .null("eventLoggingConfig");
  return out.finish();
}

Result<Grant> decode_grant(std::string_view payload) {
  auto in = json::Object::parse(payload, kWhat);
  if (!in) return fail(std::move(in).error());
  if (in->text("status") != "connected") in->complain("status", "must be connected");
  const auto session = read_session_id(*in);
  if (!session) return fail(*in->problem());

  auto grant = plain_grant(*session);
  grant.twin = !in->has("sessionAESKey") && in->has("aesKeyC2D");
  grant.key_c2d = in->maybe_text(grant.twin ? "aesKeyC2D" : "sessionAESKey");
  grant.iv_c2d = in->maybe_text(in->has("sessionIV") ? "sessionIV" : "ivC2D");
  grant.key_d2c = in->maybe_text("aesKeyD2C");
  grant.iv_d2c = in->maybe_text("ivD2C");
  if (in->problem()) return fail(*in->problem());
  return grant;
}

Result<SessionKeys> unwrap(const Grant& grant, const crypto::PrivateKey& client_ephemeral) {
  if (!grant.key_c2d && !grant.iv_c2d && !grant.key_d2c && !grant.iv_d2c) {
    return fail(Errc::not_found, "device answer: it holds no session keys");
  }
  auto c2d = unwrap_pair(grant.key_c2d, grant.iv_c2d, client_ephemeral);
  if (!c2d) return fail(std::move(c2d).error());
  SessionKeys keys{*std::move(c2d), std::nullopt};
  if (!grant.key_d2c && !grant.iv_d2c) return keys;
  auto d2c = unwrap_pair(grant.key_d2c, grant.iv_d2c, client_ephemeral);
  if (!d2c) return fail(std::move(d2c).error());
  keys.device_to_client = *std::move(d2c);
  return keys;
}

}  // namespace noports::proto
