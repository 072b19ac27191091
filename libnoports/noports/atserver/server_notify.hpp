// SPDX-License-Identifier: BSD-3-Clause
// The line by which one atServer brings another a notification (atprotocol-wire.md 4.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "noports/at/atsign.hpp"

namespace noports::atserver {

// Of `command`, at::encode(Notify) with its id as `from` said it; without LF, in the one order that
// every atServer accepts. Nothing when it is no such command.
std::optional<std::string> server_notify(std::string_view command, const at::Atsign& from);

}  // namespace noports::atserver
