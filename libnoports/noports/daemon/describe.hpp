// SPDX-License-Identifier: BSD-3-Clause
// What this device says about itself, in heartbeats and in its record (noports-newer.md 3).
#pragma once

#include <optional>
#include <string>

#include "noports/daemon/authorize.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/ping.hpp"
#include "noports/signing/own_key.hpp"

namespace noports::daemon {

// Only features that are really served are advertised: ESCR once our signing key is published,
// which is what `escr_key` says.
proto::PingAnswer describe(const proto::DeviceName& device, const std::string& group,
                           const Rules& rules,
                           const std::optional<signing::OwnKey>& escr_key = std::nullopt);

}  // namespace noports::daemon
