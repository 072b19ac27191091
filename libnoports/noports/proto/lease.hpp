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

// How a socket proves to the relay whose it is (noports-newer.md 7, 8).
enum class RelayAuthMode { payload, escr };

// nonces: at most 256 bytes without control characters.
struct LeaseRequest {
  SessionId session;
  at::Atsign client, device;
  bool authenticate_client = true, authenticate_device = true;
  std::string client_nonce = {};
  RelayAuthMode auth_mode = RelayAuthMode::payload;
  std::optional<std::string> auth_aes_key = {};  // base64; not used in payload mode
  bool only_443 = false;
  bool multiple_acks_ok = false;
  std::vector<std::string> prefetch = {};
  bool json_answer = false;  // sendJsonResponse
  bool operator==(const LeaseRequest&) const = default;
};

// All twelve members, in the order of noports-newer.md 6.1.
std::string encode(const LeaseRequest& request);
// bad_syntax names the member; the six of the first generation are mandatory. Whether the sender is
// `client` is for the caller to check (security-findings.md S8).
Result<LeaseRequest> decode_lease_request(std::string_view json);

// Where the two sides meet.
struct Lease {
  std::string host;
  std::uint16_t client_port = 0, device_port = 0;  // port A, port B
  std::string relay_nonce;
  bool supports_event_logging = false, auto_detects_auth = false;
  bool operator==(const Lease&) const = default;
};

std::string encode_json(const Lease& lease);
// For requesters that did not ask for JSON; a nonce with a comma would not survive it.
std::string encode_csv(const Lease& lease);
// Either form, told apart by the first byte; blanks around it are ignored. bad_syntax unless the
// host could be a host name or address and both ports are 1 to 65535. CSV of three fields: no
// nonce.
Result<Lease> decode_lease(std::string_view text);

}  // namespace noports::proto
