// SPDX-License-Identifier: BSD-3-Clause
// A local port of npt, and how the user is told of it.
#pragma once

#include <asio/any_io_executor.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "noports/base/result.hpp"
#include "noports/bridge/local_listener.hpp"

namespace noports::apps::npt {

struct Listening {
  bridge::LocalListener listener;
  std::string text;  // "localhost:13389"
};

// The first of `hosts` (at least one) that can be listened on; port 0 takes a free one. The error
// of the last otherwise.
Result<Listening> listen_on(asio::any_io_executor executor, const std::vector<std::string>& hosts,
                            std::uint16_t port);

}  // namespace noports::apps::npt
