// SPDX-License-Identifier: BSD-3-Clause
// The keys between the two ends of a tunnel.
#pragma once

#include "noports/crypto/secret.hpp"

namespace noports::bridge {

// One direction's key and IV (32 and 16 bytes).
struct CtrKey {
  crypto::Secret key, iv;
  CtrKey copy() const { return CtrKey{key.copy(), iv.copy()}; }
};

// How the bytes between the two ends are protected.
struct Protection {
  enum class Kind {
    none,      // --no-encrypt-rvd-traffic: the application must protect itself
    ctr,       // one key for both directions, for old peers
    ctr_twin,  // a key for each direction
  };
  Kind kind = Kind::none;
  CtrKey client_to_device, device_to_client;  // the second is empty for ctr
  Protection copy() const {
    return Protection{kind, client_to_device.copy(), device_to_client.copy()};
  }
};

// Which end of the tunnel we are: decides which of the two keys seals and which one opens.
enum class End { client, device };

}  // namespace noports::bridge
