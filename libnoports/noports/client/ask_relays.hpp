// SPDX-License-Identifier: BSD-3-Clause
// Several relays, of which the first that is there will do.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <vector>

#include "noports/atclient/mailbox.hpp"
#include "noports/base/result.hpp"
#include "noports/net/race.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/lease.hpp"

namespace noports::client {

struct RelayLease {
  at::Atsign relay;
  proto::Lease lease;
};

// A relay that is there answers within a second or two, wherever it is.
inline constexpr std::chrono::milliseconds kRelayHeadStart{3'000};

// Asks `relays` (at least one) in their order: the next when the one before has refused, or has
// been silent for `head_start`, while its answer is still waited for. The first yes counts; a relay
// that says yes later gives its ports back when nobody comes. When none says yes: the error of the
// first, as of ask_relay(), with what became of the others.
asio::awaitable<Result<RelayLease>> ask_relays(
    atclient::Mailbox& mail, std::vector<at::Atsign> relays, proto::DeviceName device,
    proto::LeaseRequest request, net::Deadline deadline,
    std::chrono::milliseconds head_start = kRelayHeadStart);

}  // namespace noports::client
