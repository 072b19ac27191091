// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/escr.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/random.hpp"
#include "noports/proto/json.hpp"

namespace noports::proto {
namespace {

constexpr std::size_t kChallengeBytes = 32;
constexpr std::size_t kLongestChallenge = 128;  // characters
constexpr std::string_view kWhat = "the line to the relay";

std::string_view letter(RelaySide side) noexcept { return side == RelaySide::client ? "a" : "b"; }

Unexpected malformed(const char* why) {
  return fail(Errc::bad_syntax, std::string(kWhat) + " " + why);
}

// Relays of the reference read what is inside as Latin-1 (noports-newer.md 24, W7).
std::string ascii_json(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/true,
                                   nlohmann::json::error_handler_t::replace);
}

std::string encode_inner(const EscrPayload& payload, const EscrKey& key,
                         std::string_view signature) {
  json::Writer out;
  out.raw("p", encode(payload))
      .text("s", crypto::base64(signature))
      .text("ha", "sha256")
      .text("sa", name(SigningAlgorithm::rsa2048))
      .raw("sk", ascii_json(key.record.str()));
  if (key.id) out.text("kid", *key.id);
  return out.finish();
}

struct Parts {
  std::string_view session, sealed;
};

// The relay trims, and wants visible ASCII (noports-newer.md 7.1).
Result<Parts> take_apart(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > kEscrLineLimit) return malformed("is too long");
  const auto visible = [](char c) { return c > 32 && c < 127; };
  const auto colon = line.find(':');
  if (colon == line.npos || !std::all_of(line.begin(), line.end(), visible)) {
    return malformed("is no answer to a challenge");
  }
  return Parts{line.substr(0, colon), line.substr(colon + 1)};
}

// E, the JSON text.
Result<std::string> open_inner(std::string_view sealed, std::span<const std::byte> aes_key) {
  const auto outer = crypto::base64_decode(sealed);
  if (!outer) return malformed("is not base64");
  auto in = json::Object::parse(*outer, kWhat);
  if (!in) return fail(std::move(in).error());
  const auto iv = crypto::base64_decode(in->text("iv"));
  const auto bytes = crypto::base64_decode(in->text("e", kEscrLineLimit));
  if (in->problem()) return fail(*in->problem());
  if (!iv || iv->size() != crypto::kAesIvSize || !bytes) return malformed("is not base64");
  const auto text = crypto::decrypt_value(aes_key, *iv, *bytes);
  if (!text) return malformed("does not open with the key of the session");
  auto inner = crypto::base64_decode(text->text());
  if (!inner) return malformed("does not open with the key of the session");
  return inner;
}

// Which side `payload`, compact JSON, speaks for, if it answers the challenge of this session.
// Equal texts, so that nothing of the peer's own choice is ever verified.
std::optional<RelaySide> side_of(const std::string& payload, const SessionId& session,
                                 std::string_view challenge) {
  for (const auto side : {RelaySide::client, RelaySide::device}) {
    auto expected = encode(EscrPayload{session, std::string(challenge), side});
    if (payload == expected) return side;
    // "A" and "B" are read like the small letters.
    auto& last = expected[expected.size() - 3];
    last = static_cast<char>(last - 'a' + 'A');
    if (payload == expected) return side;
  }
  return std::nullopt;
}

std::optional<crypto::Hash> hash_named(std::string_view name) noexcept {
  if (name == "sha256") return crypto::Hash::sha256;
  if (name == "sha512") return crypto::Hash::sha512;
  return std::nullopt;
}

Result<std::string> canonical_payload(json::Object& in) {
  const auto slice = in.slice("p");
  if (in.problem()) return fail(*in.problem());
  const auto payload = json::Object::parse(slice, kWhat);
  if (!payload) return fail(payload.error());
  return payload->canonical();
}

}  // namespace

std::string make_escr_challenge() { return crypto::base64(crypto::random_bytes(kChallengeBytes)); }

bool is_escr_challenge(std::string_view text) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '-' || c == '_' || c == '=';
  };
  return !text.empty() && text.size() <= kLongestChallenge &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string encode(const EscrPayload& payload) {
  json::Writer out;
  out.text("sid", payload.session.str())
      .text("c", payload.challenge)
      .text("side", letter(payload.side));
  return out.finish();
}

Result<std::string> encode_escr_line(const EscrPayload& payload, const EscrKey& key,
                                     std::string_view signature, std::span<const std::byte> aes_key,
                                     std::string_view iv) {
  const auto inner = crypto::base64(encode_inner(payload, key, signature));
  const auto sealed = crypto::encrypt_value(aes_key, iv, inner);
  if (!sealed) return fail(sealed.error());
  json::Writer outer;
  outer.text("iv", crypto::base64(iv)).text("e", crypto::base64(*sealed));
  return payload.session.str() + ":" + crypto::base64(outer.finish()) + "\n";
}

Result<SessionId> escr_session(std::string_view line) {
  const auto parts = take_apart(line);
  if (!parts) return fail(parts.error());
  return SessionId::parse(parts->session);
}

Result<EscrProof> open_escr_line(std::string_view line, const SessionId& session,
                                 std::string_view challenge, std::span<const std::byte> aes_key) {
  const auto parts = take_apart(line);
  if (!parts) return fail(parts.error());
  const auto named = SessionId::parse(parts->session);
  if (!named) return fail(named.error());
  if (*named != session) return fail(Errc::bad_signature, "the line is of another session");
  const auto inner = open_inner(parts->sealed, aes_key);
  if (!inner) return fail(inner.error());
  auto in = json::Object::parse(*inner, kWhat);
  if (!in) return fail(std::move(in).error());
  auto payload = canonical_payload(*in);
  if (!payload) return fail(std::move(payload).error());
  const auto side = side_of(*payload, session, challenge);
  if (!side) return fail(Errc::bad_signature, "the line does not answer this challenge");
  auto signature = crypto::base64_decode(in->text("s", kEscrLineLimit));
  const auto hash = hash_named(in->text("ha"));
  const auto algorithm = signing_algorithm(in->text("sa"));
  auto record = SigningKeyUri::parse(in->text("sk"));
  auto id = in->maybe_text("kid");
  if (in->problem()) return fail(*in->problem());
  if (!signature || !hash || !algorithm) return malformed("is signed in an unknown way");
  if (!record) return fail(std::move(record).error());
  return EscrProof{*side,      *std::move(payload), *std::move(signature), *hash,
                   *algorithm, *std::move(record),  std::move(id)};
}

Result<void> check_escr_proof(const EscrProof& proof, const at::Atsign& owner,
                              const std::vector<SigningKey>& offered) {
  if (proof.record.owner() != owner) {
    return fail(Errc::bad_signature, "the line is signed by another atSign");
  }
  const auto key = choose_signing_key(offered, proof.algorithm, proof.key_id);
  if (!key) return fail(Errc::bad_signature, key.error().what());
  if (!key->verify(proof.payload, proof.signature, proof.hash)) {
    return fail(Errc::bad_signature, "the signature is wrong");
  }
  return {};
}

}  // namespace noports::proto
