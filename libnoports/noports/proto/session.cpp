// SPDX-License-Identifier: BSD-3-Clause
// The request; the answer is in grant.cpp.
#include "noports/proto/session.hpp"

#include "noports/proto/json.hpp"
#include "noports/proto/members.hpp"

namespace noports::proto {
namespace {

constexpr std::string_view kRsa2048 = "rsa2048";
constexpr std::size_t kKeyLimit = 2048;  // base64 of an SPKI; 392 bytes for RSA-2048
// Ten years: "never" is 365 days (noports-wire.md 13), and no clock overflows when it is added.
constexpr std::int64_t kLongestTimeout = 10LL * 365 * 24 * 3600 * 1000;

std::string_view what(RequestKind kind) {
  return kind == RequestKind::npt ? "npt request" : "ssh request";
}

// The members that both kinds have between authenticateToRvd and clientEphemeralPKType.
void write_shared(json::Writer& out, const SessionRequest& request) {
  out.flag("authenticateToRvd", request.authenticate_to_relay)
      .text("relayAuthMode", name(request.auth_mode))
      .text_or_null("relayAuthAesKey", request.auth_aes_key)
      .text_or_null("clientNonce", request.client_nonce)
      .text_or_null("rvdNonce", request.relay_nonce)
      .flag("encryptRvdTraffic", request.encrypt)
      .text_or_null("clientEphemeralPK", request.client_ephemeral_key)
      .text_or_null("clientEphemeralPKType", request.client_ephemeral_key_type);
}

void read_shared(json::Object& in, SessionRequest& request) {
  request.authenticate_to_relay = in.flag_or("authenticateToRvd", false);
  request.auth_mode = read_auth_mode(in);
  request.auth_aes_key = read_auth_aes_key(in);
  request.client_nonce = in.maybe_text("clientNonce", kNonceLimit);
  request.relay_nonce = in.maybe_text("rvdNonce", kNonceLimit);
  request.encrypt = in.flag_or("encryptRvdTraffic", false);
  request.client_ephemeral_key = in.maybe_text("clientEphemeralPK", kKeyLimit);
  request.client_ephemeral_key_type = in.maybe_text("clientEphemeralPKType");
  request.twin_keys = in.flag_or("twinKeys", false);
  if (in.has("relayAtsign")) {
    if (const auto relay = read_atsign(in, "relayAtsign")) request.relay_atsign = relay->str();
  }
}

void read_npt(json::Object& in, SessionRequest& request) {
  request.relay_host = in.host("rvdHost");
  request.relay_port = in.port("rvdPort");
  request.target_port = in.port("requestedPort");
  request.target_host = in.host("requestedHost");
  if (in.has("timeout")) {
    request.timeout = std::chrono::milliseconds(in.number("timeout", 1, kLongestTimeout));
  }
}

void read_ssh(json::Object& in, SessionRequest& request) {
  // false is the reverse form of the first generation, which nobody serves any more.
  if (!in.flag("direct")) in.complain("direct", "must be true");
  request.relay_host = in.host("host");
  request.relay_port = in.port("port");
}

// What the request cannot do without, given what it asks for.
void check_complete(json::Object& in, const SessionRequest& request) {
  if (request.encrypt) {
    if (!request.client_ephemeral_key) in.complain("clientEphemeralPK", "is missing");
    if (request.client_ephemeral_key_type != kRsa2048) {
      in.complain("clientEphemeralPKType", "must be rsa2048");
    }
  }
  if (request.authenticate_to_relay && request.auth_mode == RelayAuthMode::payload) {
    if (!request.client_nonce) in.complain("clientNonce", "is missing");
    if (!request.relay_nonce) in.complain("rvdNonce", "is missing");
  }
  if (request.authenticate_to_relay && request.auth_mode == RelayAuthMode::escr &&
      !request.auth_aes_key) {
    in.complain("relayAuthAesKey", "is missing");
  }
}

}  // namespace

std::string encode(const SessionRequest& request) {
  json::Writer out;
  if (request.kind == RequestKind::npt) {
    out.text("sessionId", request.session.str())
        .text("rvdHost", request.relay_host)
        .number("rvdPort", request.relay_port)
        .number("requestedPort", request.target_port)
        .text("requestedHost", request.target_host);
  } else {
    out.flag("direct", true)
        .text("sessionId", request.session.str())
        .text("host", request.relay_host)
        .number("port", request.relay_port);
  }
  write_shared(out, request);
  // Left out rather than null when not said: daemons of 5.6.3 read it as an integer.
  if (request.timeout && request.kind == RequestKind::npt) {
    out.number("timeout", request.timeout->count());
  }
  out.flag("twinKeys", request.twin_keys).text_or_null("relayAtsign", request.relay_atsign);
  return out.finish();
}

Result<SessionRequest> decode_session_request(RequestKind kind, std::string_view payload) {
  auto in = json::Object::parse(payload, what(kind));
  if (!in) return fail(std::move(in).error());
  const auto session = read_session_id(*in);
  if (!session) return fail(*in->problem());
  SessionRequest request{kind, *session};
  if (kind == RequestKind::npt) {
    read_npt(*in, request);
  } else {
    read_ssh(*in, request);
  }
  read_shared(*in, request);
  check_complete(*in, request);
  if (in->problem()) return fail(*in->problem());
  return request;
}

}  // namespace noports::proto
