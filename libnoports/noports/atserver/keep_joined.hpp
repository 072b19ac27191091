// SPDX-License-Identifier: BSD-3-Clause
// A guest's part in the host's directory, kept up to date while it serves.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <functional>

#include "noports/atserver/hosts.hpp"
#include "noports/atserver/membership.hpp"

namespace noports::atserver {

// Tells the host what is served here: at once, at each change, and each `every`; again with growing
// pauses while it fails. `certified` is called when there is a new certificate. Until cancelled.
// All arguments outlive it.
asio::awaitable<void> keep_joined(Hosts& hosts, Membership& membership,
                                  std::chrono::milliseconds every, std::function<void()> certified);

}  // namespace noports::atserver
