// SPDX-License-Identifier: BSD-3-Clause
// A connection that speaks HTTP.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <optional>

#include "noports/at/atsign.hpp"
#include "noports/atserver/services.hpp"
#include "noports/atserver/wire.hpp"

namespace noports::atserver {

// From the request to the end; `only` as for answer_http(). The deadline is the wire's.
asio::awaitable<void> serve_http(Services& services, std::shared_ptr<Wire> wire,
                                 std::optional<at::Atsign> only);

}  // namespace noports::atserver
