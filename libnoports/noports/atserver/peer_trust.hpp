// SPDX-License-Identifier: BSD-3-Clause
// What platforms that know each other by one directory trust of each other.
#pragma once

#include <filesystem>

#include "noports/net/tls.hpp"

namespace noports::atserver {

// The context for connections to the atServers of other platforms: trusts what `trust` says and
// `authority`, which may be empty. Where the system has no store, the authority alone; when that
// cannot be read either, nothing.
net::TlsContext peer_context(const net::Trust& trust, const std::filesystem::path& authority);

}  // namespace noports::atserver
