// SPDX-License-Identifier: BSD-3-Clause
// What a device says about itself: heartbeat, device_info (noports-newer.md 3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::proto {

// What a device can do, as flags by name; false when it does not say.
struct Features {
  bool relay_auth = false;           // srAuth
  bool encryption = false;           // srE2ee
  bool accepts_public_keys = false;  // acceptsPublicKeys
  bool port_choice = false;          // supportsPortChoice
  bool adjustable_timeout = false;
  bool control_heartbeats = false;  // controlChannelHeartbeats
  bool escr = false;                // supportsRamEscr
  bool twin_keys = false;           // twinKeys
  bool operator==(const Features&) const = default;
};

// The value of heartbeat notifications and of device_info records.
struct PingAnswer {
  std::string device_name;
  std::string device_group = "__none__";
  std::string version, core_version;
  Features features;
  std::vector<std::string> auth_modes;        // "payload", "escr"
  std::vector<std::string> allowed_services;  // "host:port"
  std::optional<std::string> np_cp_version, public_signing_key_uri;
  bool operator==(const PingAnswer&) const = default;
};

// Members in the order of noports-newer.md 3.2, absent ones left out.
std::string encode(const PingAnswer& answer);
// Missing supportedFeatures: only acceptsPublicKeys is assumed (v4 daemons). A flag counts only
// when it is true. All members but the name may be absent; bad_syntax names a member of the wrong
// type.
Result<PingAnswer> decode_ping(std::string_view json);

// The sentence of the first feature that is wanted and missing, e.g. "support requests for specific
// device ports"; empty when nothing is missing (noports-wire.md 7).
std::string_view first_missing(const Features& wanted, const Features& offered) noexcept;

}  // namespace noports::proto
