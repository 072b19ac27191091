// SPDX-License-Identifier: BSD-3-Clause
// The name of a device, and the keys under which client, device and relay talk
// (noports-wire.md 2, 4).
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "noports/at/key.hpp"
#include "noports/base/result.hpp"

namespace noports::proto {

// A device as its owner calls it; compared by its normal form.
class DeviceName {
 public:
  // Lower-cases, turns each run of blanks into '_'; then 1 to 36 of [a-z0-9_-], not '-' first.
  // The literal "sshnp" is refused: reference clients can never reach it. bad_syntax with a hint.
  static Result<DeviceName> parse(std::string_view text);
  const std::string& str() const noexcept { return text_; }
  auto operator<=>(const DeviceName&) const = default;

 private:
  explicit DeviceName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// "<kind>.<device>.sshnp": ping, heartbeat, npt_request, ssh_request, sshpublickey, username,
// device_info, or a session id for the answer to a request. A kind that cannot stand in a key name
// is a bug and throws std::invalid_argument; so do the two functions of a session id below.
at::KeyName device_key(std::string_view kind, const DeviceName& device);
// The kind of such a key for exactly this device, empty otherwise ("ping.lab.sshnp" for lab:
// "ping"). `key` is lower case, without '@to:' in front and '@from' behind. A view into `key`.
std::string_view kind_of(std::string_view key, const DeviceName& device) noexcept;

at::KeyName relay_request_key(const DeviceName& device);  // "<device>.request_ports.sshrvd"
// Such a key, of whatever device.
bool is_relay_request(std::string_view key) noexcept;
at::KeyName relay_hint_key(const DeviceName& device);  // "<device>.auth_modes.sshrvd"
bool is_relay_hint(std::string_view key) noexcept;
at::KeyName relay_answer_key(std::string_view session_id);  // "<sessionId>.sshrvd"
at::KeyName relay_nack_key(std::string_view session_id);    // "nack.<sessionId>.sshrvd"
// "<sessionId>.session_mutexes.sshrvd", of a device ".sshnp": of several relays or daemons with one
// atSign, whoever writes it first serves (noports-newer.md 12).
at::KeyName relay_mutex_key(std::string_view session_id);
at::KeyName device_mutex_key(std::string_view session_id);

}  // namespace noports::proto
