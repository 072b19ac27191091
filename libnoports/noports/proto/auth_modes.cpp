// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/auth_modes.hpp"

#include "noports/proto/json.hpp"
#include "noports/proto/members.hpp"

namespace noports::proto {

std::string encode(const AuthModes& modes) {
  json::Writer out;
  out.text("sessionId", modes.session.str())
      .text("rvdNonce", modes.relay_nonce)
      .text("sideA", name(modes.client))
      .text("sideB", name(modes.device));
  return out.finish();
}

Result<AuthModes> decode_auth_modes(std::string_view json) {
  auto in = json::Object::parse(json, "relay hint");
  if (!in) return fail(std::move(in).error());
  const auto session = read_session_id(*in);
  if (!session) return fail(*in->problem());
  AuthModes modes{*session, in->text("rvdNonce", kNonceLimit)};
  modes.client = read_auth_mode(*in, "sideA");
  modes.device = read_auth_mode(*in, "sideB");
  if (in->problem()) return fail(*in->problem());
  return modes;
}

}  // namespace noports::proto
