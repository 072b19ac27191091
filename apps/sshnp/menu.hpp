// SPDX-License-Identifier: BSD-3-Clause
// Without -d, at a terminal: which of the devices it shall be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"
#include "noports/client/list_devices.hpp"
#include "sshnp/options.hpp"

namespace noports::apps::sshnp {

// Whether there is somebody to ask, and reason to.
bool may_ask(const Options& options) noexcept;

// The devices with their numbers, those that answer first, and the question.
std::string menu_text(std::vector<client::Listed> all);
// A number of the menu or a device's name; nothing typed is number 1. config for all else.
Result<proto::DeviceName> choose(std::vector<client::Listed> all, std::string_view typed);

// Lists the devices of --to and asks; sets the device. With none to choose from nothing changes.
// Runs a loop of its own: call it where none runs. What it returns is the status to leave with.
std::optional<int> ask_for_device(Options& options);

}  // namespace noports::apps::sshnp
