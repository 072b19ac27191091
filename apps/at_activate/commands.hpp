// SPDX-License-Identifier: BSD-3-Clause
// The commands. Each ends with the exit status, or the error that decides it.
#pragma once

#include <asio/awaitable.hpp>

#include "at_activate/options.hpp"
#include "at_activate/session.hpp"
#include "noports/activate/registrar_client.hpp"
#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::apps::at_activate {

// Any of them.
asio::awaitable<Result<int>> run_command(Command command, const Options& options);

// onboard, enroll, status: without keys.
asio::awaitable<Result<int>> onboard(const Options& options);
asio::awaitable<Result<int>> enroll(const Options& options);
asio::awaitable<Result<int>> status(const Options& options);

// The activation secret of `self`: has a code sent, asks the person at the terminal for it, and
// exchanges it.
asio::awaitable<Result<crypto::Secret>> ask_registrar(activate::Registrar registrar,
                                                      at::Atsign self);

// Those that the owner's connection is needed for: all that `interactive` takes.
bool needs_session(Command command) noexcept;
asio::awaitable<Result<int>> run_in(Session& session, Command command, const Options& options);
asio::awaitable<Result<int>> automatic(Session& session, const Options& options);
asio::awaitable<Result<int>> interactive(Session& session, const Options& options);

// backup, verify, import: without a network.
asio::awaitable<Result<int>> run_offline(Command command, const Options& options);

}  // namespace noports::apps::at_activate
