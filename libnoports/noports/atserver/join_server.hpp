// SPDX-License-Identifier: BSD-3-Clause
// A connection to the directory on which another platform joins this one.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "noports/atserver/join_desk.hpp"
#include "noports/atserver/services.hpp"
#include "noports/atserver/wire.hpp"

namespace noports::atserver {

// From the first line, is_join(), to the end. Without `terms` this platform has joined another
// itself, and says so.
asio::awaitable<void> serve_join(Services& services, const JoinTerms* terms,
                                 std::shared_ptr<Wire> wire, Admission::Slot& slot, bool is_near,
                                 std::string line);

}  // namespace noports::atserver
