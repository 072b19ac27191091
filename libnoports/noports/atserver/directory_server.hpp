// SPDX-License-Identifier: BSD-3-Clause
// A connection to the atDirectory.
#pragma once

#include <asio/awaitable.hpp>
#include <string>

#include "noports/atserver/hosts.hpp"
#include "noports/atserver/join_desk.hpp"
#include "noports/atserver/services.hpp"

namespace noports::atserver {

// From the TLS handshake to the end. Answers with `host_name` and the ports of `hosts`, and with
// the places of elsewhere. `terms`: for platforms that join; null when they cannot.
asio::awaitable<void> serve_directory(Services& services, Hosts& hosts, std::string host_name,
                                      const JoinTerms* terms, net::Socket socket,
                                      Admission::Slot slot);

}  // namespace noports::atserver
