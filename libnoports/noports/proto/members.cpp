// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/members.hpp"

#include "noports/crypto/aes.hpp"
#include "noports/crypto/base64.hpp"

namespace noports::proto {

std::string_view name(RelayAuthMode mode) noexcept {
  return mode == RelayAuthMode::escr ? "escr" : "payload";
}

std::optional<SessionId> read_session_id(json::Object& in) {
  auto id = SessionId::parse(in.text("sessionId"));
  if (id) return *std::move(id);
  in.complain("sessionId", "must be a UUID");
  return std::nullopt;
}

std::optional<at::Atsign> read_atsign(json::Object& in, std::string_view member) {
  auto atsign = at::Atsign::parse(in.text(member));
  if (atsign) return *std::move(atsign);
  in.complain(member, "must be an atSign");
  return std::nullopt;
}

RelayAuthMode read_auth_mode(json::Object& in) {
  return in.has("relayAuthMode") ? read_auth_mode(in, "relayAuthMode") : RelayAuthMode::payload;
}

RelayAuthMode read_auth_mode(json::Object& in, std::string_view member) {
  const auto text = in.text(member);
  if (text == name(RelayAuthMode::escr)) return RelayAuthMode::escr;
  if (text != name(RelayAuthMode::payload)) in.complain(member, "must be payload or escr");
  return RelayAuthMode::payload;
}

std::optional<std::string> read_auth_aes_key(json::Object& in) {
  auto text = in.maybe_text("relayAuthAesKey");
  if (!text) return std::nullopt;
  const auto key = crypto::base64_decode_secret(*text);
  if (!key || key->size() != crypto::kAesKeySize) {
    in.complain("relayAuthAesKey", "must be base64 of 32 bytes");
  }
  return text;
}

}  // namespace noports::proto
