// SPDX-License-Identifier: BSD-3-Clause
// How client and device shall authenticate to the relay: the decision alone (noports-newer.md 9.2).
#pragma once

#include "noports/base/result.hpp"
#include "noports/proto/lease.hpp"

namespace noports::client {

// What the user asked for.
struct AuthWish {
  proto::RelayAuthMode preferred = proto::RelayAuthMode::escr;
  bool is_explicit = false;  // not merely the default
  bool only_443 = false;     // the relay's one port, which knows ESCR alone
};

struct ModePair {
  proto::RelayAuthMode client = proto::RelayAuthMode::payload;
  proto::RelayAuthMode device = proto::RelayAuthMode::payload;
  bool operator==(const ModePair&) const = default;
};

// Whether ESCR may come about at all, so that a key for it has to be there.
bool may_use_escr(const AuthWish& wish) noexcept;
// Whether a client that cannot do it had better give up.
bool must_use_escr(const AuthWish& wish) noexcept;

// What stands in the request to the relay, which is sent before anything is known of the device: a
// relay that does not look at each socket holds both sides to it.
proto::RelayAuthMode declared_mode(const AuthWish& wish) noexcept;

// What is known once both have answered.
struct Abilities {
  bool relay_detects = false;        // the relay looks at each socket
  bool client_can = true;            // our signing key is published
  bool device_can = false;           // the device offers ESCR
  bool device_authenticates = true;  // it is to authenticate at all
};

// refused, hop device, when ESCR was insisted on and the device has none.
Result<ModePair> choose_modes(const AuthWish& wish, const Abilities& abilities);

}  // namespace noports::client
