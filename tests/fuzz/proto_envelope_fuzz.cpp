// SPDX-License-Identifier: BSD-3-Clause
// Whatever decodes as an envelope decodes to the same again when it is written anew, and neither
// its payload nor its canonical form holds anything else than the other. Nothing that is made up
// authenticates a socket to a relay.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/crypto/base64.hpp"
#include "noports/proto/envelope.hpp"
#include "noports/proto/json.hpp"
#include "noports/proto/relay_auth.hpp"

using namespace noports;

namespace {

// The public half of key T (noports-wire.md 19.1).
const crypto::PublicKey& key() {
  static const auto key = crypto::PublicKey::parse(
      "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6fif4wSPMmMQGT/fwEJSoeuYYBwx3cilLDxx2ohj4AiWd0Yr"
      "QJc7kRGPHMa76ruEjFylqz45GfC2ouUeu0H+CGl9PqQwpO8BHurdmVflje0XxjHO/6U+xTpR6zoIml2g3m6Wwnq3IbUq"
      "HyMjpo3JkT+6wcwAYSB8oluO4zsNpCHr/aKRZfjAbi+uz9k57x/R3uC0Kep4Q6paSNbHK1B7TITqxGv/TU96XwYAaE0w"
      "0TWRNKlN7Lyb914DemF25otRe2sw6/o8+Cvxqd6HFgy8ccEefV9e98Pskfu/LX/P8OpMyNl/L34IuaXRH9SuhOl5Ikfb"
      "GUpFE5d99ZLvKj2RhwIDAQAB");
  return *key;
}

std::string encode(const proto::Envelope& envelope, std::string_view payload) {
  proto::json::Writer out;
  out.raw("payload", payload)
      .text("signature", crypto::base64(envelope.signature))
      .text("hashingAlgo", envelope.hashing_algo)
      .text("signingAlgo", envelope.signing_algo);
  return out.finish();
}

void check(const proto::Envelope& envelope, std::string_view payload) {
  const auto again = proto::decode_envelope(encode(envelope, payload));
  if (!again || again->payload != payload || again->canonical != envelope.canonical) std::abort();
  if (again->signature != envelope.signature) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto envelope = proto::decode_envelope(text);
  if (!envelope) return 0;
  if (text.find(envelope->payload) == text.npos) std::abort();
  // The rewritten text may be longer than what was read and then too long.
  if (size < proto::json::kSizeLimit / 8) {
    check(*envelope, envelope->payload);
    check(*envelope, envelope->canonical);
  }
  const proto::RelayCredentials expected{
      *proto::SessionId::parse("0f8fad5b-d9cb-469f-a165-70867728950e"), "c", "r"};
  if (proto::check_relay_auth_line(text, expected, key())) std::abort();
  return 0;
}
