// SPDX-License-Identifier: BSD-3-Clause
#include "at_activate/commands.hpp"

#include <utility>

namespace noports::apps::at_activate {

asio::awaitable<Result<int>> run_command(Command command, const Options& options) {
  if (command == Command::onboard) co_return co_await onboard(options);
  if (command == Command::enroll) co_return co_await enroll(options);
  if (command == Command::status) co_return co_await status(options);
  if (!needs_session(command)) co_return co_await run_offline(command, options);
  auto session = co_await Session::open(options);
  if (!session) co_return fail(std::move(session).error());
  co_return co_await run_in(**session, command, options);
}

}  // namespace noports::apps::at_activate
