// SPDX-License-Identifier: BSD-3-Clause
// How the client's sockets get past the relay's door.
#pragma once

#include <memory>

#include "noports/bridge/leg.hpp"
#include "noports/client/signer.hpp"
#include "noports/proto/relay_auth.hpp"

namespace noports::client {

// Payload mode (noports-wire.md 9.3): writes the signed line, which is the same for every socket of
// a session and therefore signed once. Errors of the returned function: hop relay.
bridge::RelayAuth payload_auth(std::shared_ptr<Signer> signer, proto::RelayCredentials credentials);

// Says nothing (--no-authenticate-client-to-rvd).
bridge::RelayAuth no_auth();

}  // namespace noports::client
