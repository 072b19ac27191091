// SPDX-License-Identifier: BSD-3-Clause
// What a platform does by itself while it serves: what has expired goes, its certificate is
// renewed.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "noports/atserver/services.hpp"

namespace noports::atserver {

// Deletes everything that has expired at `now` (ms since 1970), in slices with turns of the loop
// between them.
asio::awaitable<void> sweep(Services& services, std::int64_t now);

// A context with the server certificate of `folder`, which is made or renewed if it is due.
Result<net::TlsContext> certified(const std::filesystem::path& folder,
                                  const std::vector<std::string>& names,
                                  std::chrono::system_clock::time_point now);

}  // namespace noports::atserver
