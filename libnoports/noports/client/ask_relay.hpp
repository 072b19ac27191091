// SPDX-License-Identifier: BSD-3-Clause
// The client asks a relay for a meeting point with the device (noports-newer.md 6).
#pragma once

#include <asio/awaitable.hpp>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/lease.hpp"

namespace noports::client {

// Errors, hop relay: timed_out; refused (the relay's words are in the sentence); bad_syntax for an
// answer that cannot be read. What our own atServer says keeps its hop.
asio::awaitable<Result<proto::Lease>> ask_relay(atclient::Mailbox& mail, at::Atsign relay,
                                                proto::DeviceName device,
                                                proto::LeaseRequest request,
                                                net::Deadline deadline);

}  // namespace noports::client
