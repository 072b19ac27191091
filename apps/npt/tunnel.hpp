// SPDX-License-Identifier: BSD-3-Clause
// What npt does: listen, log in, open a session, serve it; again with --keep-alive.
#pragma once

#include <asio/awaitable.hpp>

#include "common/background.hpp"
#include "noports/base/error.hpp"
#include "noports/base/result.hpp"
#include "noports/client/open_tunnel.hpp"
#include "npt/options.hpp"

namespace noports::apps::npt {

// Until the session has ended, or for ever with keep_alive. Both arguments outlive it; `background`
// (may be null) gets the local port once the tunnel serves.
asio::awaitable<Result<int>> run_tunnel(const Options& options, Background* background);

// The session that the options ask for. They are complete (check()).
client::Wanted wanted(const Options& options);

// Whether trying again can help: not for a mistake in options, keys or on this machine.
bool may_pass(const Error& error) noexcept;

}  // namespace noports::apps::npt
