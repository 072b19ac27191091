// SPDX-License-Identifier: BSD-3-Clause
// The control channel of a multi session: the first relay socket of each side, sealed with the
// session's keys, alive as long as the session.
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "noports/base/result.hpp"
#include "noports/bridge/codec.hpp"
#include "noports/bridge/control.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/crypto/secret.hpp"
#include "noports/net/race.hpp"
#include "noports/net/tcp.hpp"

namespace noports::bridge {

class ControlChannel {
 public:
  // Dials and authenticates. Errors: hop relay. `leg` outlives the wait.
  static asio::awaitable<Result<std::unique_ptr<ControlChannel>>> open(const Leg& leg, End end,
                                                                       net::Deadline deadline);

  // One line in one write. One sender at a time. Errors: hop relay; the channel is of no more use.
  asio::awaitable<Result<void>> send(crypto::Secret line);
  // The next message, in order; nothing when the other end has closed the channel. Errors: hop
  // relay, also for a line that is too long.
  asio::awaitable<Result<std::optional<ControlMessage>>> receive();
  // For the end that is told nothing: ignores what comes, and returns why the channel ended.
  asio::awaitable<Result<void>> until_closed();

 private:
  ControlChannel(net::Socket socket, CodecPair codecs, bool takes_unended);
  asio::awaitable<Result<bool>> read();  // false at the end of the stream
  asio::awaitable<bool> is_quiet();
  Result<void> open_input();

  net::Socket socket_;
  CodecPair codecs_;
  ControlReader reader_;
  crypto::Secret input_;  // deciphered here, so wiped
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace noports::bridge
