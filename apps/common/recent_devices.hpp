// SPDX-License-Identifier: BSD-3-Clause
// The devices that this user has reached lately, for the completion of command lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/proto/device.hpp"

namespace noports::apps {

struct RecentDevice {
  at::Atsign atsign;
  proto::DeviceName name;
  at::Atsign relay;
};

// One line each, "@device name @relay"; lines that are not of this form are left out.
std::vector<RecentDevice> decode_recent_devices(std::string_view text);
std::string encode(const std::vector<RecentDevice>& devices);

// The last one first. Empty when nothing was kept.
std::vector<RecentDevice> recent_devices();

// Puts a device to the front; the oldest of more than 100 is forgotten. Best effort: what cannot be
// kept is logged (debug) and no error to the user.
void remember_device(const RecentDevice& device);

}  // namespace noports::apps
