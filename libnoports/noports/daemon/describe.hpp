// SPDX-License-Identifier: BSD-3-Clause
// What this device says about itself, in heartbeats and in its record (noports-newer.md 3).
#pragma once

#include <string>

#include "noports/daemon/authorize.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/ping.hpp"

namespace noports::daemon {

// Only features that are really served are advertised.
proto::PingAnswer describe(const proto::DeviceName& device, const std::string& group,
                           const Rules& rules);

}  // namespace noports::daemon
