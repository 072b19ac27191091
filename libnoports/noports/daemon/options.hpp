// SPDX-License-Identifier: BSD-3-Clause
// What a daemon is and does, besides its rules.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "noports/daemon/authorize.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/policy.hpp"
#include "noports/signing/own_key.hpp"

namespace noports::daemon {

struct Options {
  proto::DeviceName device;
  std::string device_group = std::string(proto::kNoGroup);
  Rules rules = {};  // those of the start; Daemon::apply() replaces them
  std::uint16_t ssh_port = 22;
  bool hide = false;      // publishes nothing; pings are still answered
  std::string user = {};  // who runs the daemon: the user name that clients take
  std::filesystem::path authorized_keys = {};
  std::string key_permissions = {};  // in front of shared ssh keys
  // Where the ids of sessions that were asked for are kept; empty: in memory.
  std::filesystem::path seen_sessions = {};
  // The key of our enrolment, for ESCR; published at the start, before it is spoken of.
  std::optional<signing::OwnKey> enrolment = {};
  // Told of each letter that was taken up, with its time by the atServer's clock.
  std::function<void(std::int64_t epoch_millis)> on_taken = [](std::int64_t) {};
};

}  // namespace noports::daemon
