// SPDX-License-Identifier: BSD-3-Clause
// Ports of the platform: finding free ones that stay ours, and accepting from them.
#pragma once

#include <asio/awaitable.hpp>
#include <functional>
#include <string>

#include "noports/atserver/services.hpp"
#include "noports/net/tcp.hpp"

namespace noports::atserver {

// Listens on a free port that the system does not also give to outgoing connections, so that it is
// still free after a restart.
Result<net::Acceptor> listen_anywhere(asio::any_io_executor executor, const std::string& address);

using Serve = std::function<asio::awaitable<void>(net::Socket, Admission::Slot)>;

// Spawns `serve` in `tasks` for each connection that `admission`, one of the services', admits,
// until the acceptor is closed. `acceptor` outlives the group's join().
asio::awaitable<void> accept_all(Services& services, net::TaskGroup& tasks, Admission& admission,
                                 net::Acceptor& acceptor, std::string name, Serve serve);

}  // namespace noports::atserver
