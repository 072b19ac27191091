// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/envelope.hpp"

#include "noports/crypto/base64.hpp"
#include "noports/proto/json.hpp"

namespace noports::proto {
namespace {

constexpr std::string_view kSha256 = "sha256", kSha512 = "sha512", kRsa2048 = "rsa2048";
constexpr std::size_t kSignatureLimit = 1400;  // base64 of an 8192-bit signature has 1368 bytes

}  // namespace

Result<std::string> encode_envelope(std::string_view payload, std::string_view signature) {
  const auto object = json::Object::parse(payload, "payload to sign");
  if (!object) return fail(object.error());
  // Peers check over a serialisation of their own, so nothing but the canonical text is any good.
  if (object->canonical() != payload) {
    return fail(Errc::bad_syntax, "payload to sign: not in its compact form");
  }
  json::Writer out;
  out.raw("payload", payload)
      .text("signature", crypto::base64(signature))
      .text("hashingAlgo", kSha256)
      .text("signingAlgo", kRsa2048);
  return out.finish();
}

Result<std::string> seal_envelope(std::string_view payload, const crypto::PrivateKey& key) {
  const auto signature = key.sign(payload);
  if (!signature) return fail(Error(signature.error()).during("signing a message"));
  return encode_envelope(payload, *signature);
}

Result<Envelope> decode_envelope(std::string_view text) {
  auto in = json::Object::parse(text, "signed message");
  if (!in) return fail(std::move(in).error());
  Envelope envelope;
  envelope.payload = in->slice("payload");
  const auto signature = crypto::base64_decode(in->text("signature", kSignatureLimit));
  if (!signature) in->complain("signature", "must be base64");
  envelope.hashing_algo = in->text("hashingAlgo");
  envelope.signing_algo = in->text("signingAlgo");
  if (in->problem()) return fail(*in->problem());
  envelope.signature = *signature;

  // Parsed from the slice and not from the envelope: the two forms cannot be of different objects.
  const auto payload = json::Object::parse(envelope.payload, "signed message");
  if (!payload) return fail(payload.error());
  envelope.canonical = payload->canonical();
  return envelope;
}

Result<void> check_envelope(const Envelope& envelope, const crypto::PublicKey& signer,
                            HashRule rule) {
  const bool sha512 = rule == HashRule::sha512_too && envelope.hashing_algo == kSha512;
  if (envelope.signing_algo != kRsa2048 || (envelope.hashing_algo != kSha256 && !sha512)) {
    return fail(Errc::bad_signature, "signed with an algorithm that is not accepted");
  }
  const auto hash = sha512 ? crypto::Hash::sha512 : crypto::Hash::sha256;
  if (signer.verify(envelope.payload, envelope.signature, hash)) return {};
  if (envelope.canonical != envelope.payload &&
      signer.verify(envelope.canonical, envelope.signature, hash)) {
    return {};
  }
  return fail(Errc::bad_signature, "the signature is not the sender's");
}

}  // namespace noports::proto
