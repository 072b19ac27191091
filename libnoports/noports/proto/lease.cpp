// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/lease.hpp"

#include "noports/base/text.hpp"
#include "noports/proto/address.hpp"
#include "noports/proto/json.hpp"
#include "noports/proto/members.hpp"

namespace noports::proto {
namespace {

// Own and device's signing key are two; each entry makes the relay ask somebody.
constexpr std::size_t kMostPrefetch = 16;

Result<Lease> decode_json(std::string_view text) {
  auto in = json::Object::parse(text, "relay answer");
  if (!in) return fail(std::move(in).error());
  Lease lease;
  lease.host = in->host("address");
  lease.client_port = in->port("portA");
  lease.device_port = in->port("portB");
  lease.relay_nonce = in->text("rvdNonce", kNonceLimit);
  lease.supports_event_logging = in->flag_or("supportsEventLogging", false);
  lease.auto_detects_auth = in->flag_or("autoDetectsRelayAuth", false);
  if (in->problem()) return fail(*in->problem());
  return lease;
}

bool is_nonce(std::string_view text) {
  if (text.size() > kNonceLimit || !is_utf8(text)) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

// host,portA,portB[,nonce]: the oldest relays had no nonce.
Result<Lease> decode_csv(std::string_view text) {
  const auto fields = split(text, ',');
  if (fields.size() != 3 && fields.size() != 4) {
    return fail(Errc::bad_syntax, "relay answer: want host,port,port,nonce");
  }
  const auto client_port = parse_port(fields[1]), device_port = parse_port(fields[2]);
  if (!is_host(fields[0])) {
    return fail(Errc::bad_syntax, "relay answer: the first field is no host name or address");
  }
  if (!client_port || !device_port) {
    return fail(Errc::bad_syntax, "relay answer: a port is not a number from 1 to 65535");
  }
  Lease lease;
  lease.host = fields[0];
  lease.client_port = *client_port;
  lease.device_port = *device_port;
  if (fields.size() == 4) lease.relay_nonce = fields[3];
  if (!is_nonce(lease.relay_nonce)) return fail(Errc::bad_syntax, "relay answer: bad nonce");
  return lease;
}

}  // namespace

std::string encode(const LeaseRequest& request) {
  json::Writer out;
  out.text("sessionId", request.session.str())
      .text("atSignA", request.client.str())
      .text("atSignB", request.device.str())
      .flag("authenticateSocketA", request.authenticate_client)
      .flag("authenticateSocketB", request.authenticate_device)
      .text("clientNonce", request.client_nonce)
      .text("relayAuthMode", name(request.auth_mode))
      .text_or_null("relayAuthAesKey", request.auth_aes_key)
      .flag("only443", request.only_443)
      .flag("multipleAcksOk", request.multiple_acks_ok)
      .texts("preFetch", request.prefetch)
      .flag("sendJsonResponse", request.json_answer);
  return out.finish();
}

Result<LeaseRequest> decode_lease_request(std::string_view json) {
  auto in = json::Object::parse(json, "relay request");
  if (!in) return fail(std::move(in).error());
  const auto session = read_session_id(*in);
  const auto client = read_atsign(*in, "atSignA"), device = read_atsign(*in, "atSignB");
  if (!session || !client || !device) return fail(*in->problem());

  LeaseRequest request{*session, *client, *device};
  request.authenticate_client = in->flag("authenticateSocketA");
  request.authenticate_device = in->flag("authenticateSocketB");
  request.client_nonce = in->text("clientNonce", kNonceLimit);
  request.auth_mode = read_auth_mode(*in);
  request.auth_aes_key = read_auth_aes_key(*in);
  request.only_443 = in->flag_or("only443", false);
  request.multiple_acks_ok = in->flag_or("multipleAcksOk", false);
  request.prefetch = in->texts("preFetch", kMostPrefetch);
  request.json_answer = in->flag_or("sendJsonResponse", false);
  if (in->problem()) return fail(*in->problem());
  return request;
}

std::string encode_json(const Lease& lease) {
  json::Writer out;
  out.text("address", lease.host)
      .number("portA", lease.client_port)
      .number("portB", lease.device_port)
      .text("rvdNonce", lease.relay_nonce)
      .flag("supportsEventLogging", lease.supports_event_logging)
      .flag("autoDetectsRelayAuth", lease.auto_detects_auth);
  return out.finish();
}

std::string encode_csv(const Lease& lease) {
  return lease.host + ',' + std::to_string(lease.client_port) + ',' +
         std::to_string(lease.device_port) + ',' + lease.relay_nonce;
}

Result<Lease> decode_lease(std::string_view text) {
  const auto answer = trim(text);
  return answer.starts_with('{') ? decode_json(answer) : decode_csv(answer);
}

}  // namespace noports::proto
