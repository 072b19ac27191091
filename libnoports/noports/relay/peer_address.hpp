// SPDX-License-Identifier: BSD-3-Clause
// The IP address by which the strangers before a relay's doors are counted.
#pragma once

#include <string>
#include <system_error>

#include "noports/net/tcp.hpp"

namespace noports::relay {

// "0.0.0.0" for a socket that is gone already: it fails when it is written to.
inline std::string peer_address(const net::Socket& socket) {
  std::error_code ignored;
  return socket.remote_endpoint(ignored).address().to_string();
}

}  // namespace noports::relay
