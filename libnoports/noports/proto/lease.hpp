// SPDX-License-Identifier: BSD-3-Clause
// The client asks the relay for a meeting point: request, answer, refusal (noports-newer.md 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/proto/session_id.hpp"

namespace noports::proto {

enum class RelayAuthMode { payload, escr };

struct LeaseRequest {
  SessionId session;
  at::Atsign client, device;
  bool authenticate_client = true, authenticate_device = true;
  std::string client_nonce;
  RelayAuthMode auth_mode = RelayAuthMode::payload;
  std::optional<std::string> auth_aes_key;  // base64; not used in payload mode
  bool only_443 = false;
  bool multiple_acks_ok = false;
  std::vector<std::string> prefetch;
  bool json_answer = false;  // sendJsonResponse
  bool operator==(const LeaseRequest&) const = default;
};

std::string encode(const LeaseRequest& request);
Result<LeaseRequest> decode_lease_request(std::string_view json);

struct Lease {
  std::string host;
  std::uint16_t client_port = 0, device_port = 0;  // port A, port B
  std::string relay_nonce;
  bool supports_event_logging = false, auto_detects_auth = false;
  bool operator==(const Lease&) const = default;
};

std::string encode_json(const Lease& lease);
std::string encode_csv(const Lease& lease);
// Either form; host restricted to what can stand in a host name or address.
Result<Lease> decode_lease(std::string_view text);

}  // namespace noports::proto
