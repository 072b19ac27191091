// SPDX-License-Identifier: BSD-3-Clause
// What programs that run for months have in common: they start before the network does, and they
// hold many sockets.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <memory>

#include "noports/atclient/client.hpp"
#include "noports/base/result.hpp"

namespace noports::apps {

// connect(), again and again with growing pauses while the directory or the atServer cannot be
// reached; each failure is logged. Other errors (no keys, keys rejected) end it: waiting does not
// mend those.
asio::awaitable<Result<std::unique_ptr<atclient::Client>>> connect_patiently(
    atclient::Account account);

// As many descriptors as the system allows us; best effort. How many that are now.
std::size_t raise_descriptor_limit() noexcept;

// Logs what starts, ends and fails (info) unless the command line asked for more.
void log_as_service() noexcept;

}  // namespace noports::apps
