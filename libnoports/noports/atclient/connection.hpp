// SPDX-License-Identifier: BSD-3-Clause
// One connection to an atServer: a verb out, its answer back, one at a time. Not for sharing: see
// atclient/commands.
#pragma once

#include <asio/awaitable.hpp>
#include <memory>
#include <string>

#include "noports/at/answer.hpp"
#include "noports/at/verb.hpp"
#include "noports/atclient/directory.hpp"
#include "noports/base/result.hpp"
#include "noports/net/stream.hpp"
#include "noports/net/tls.hpp"

namespace noports::atclient {

class Connection {
 public:
  // TCP and TLS; the greeting is not waited for. Errors are at Hop::atserver.
  static asio::awaitable<Result<std::unique_ptr<Connection>>> open(Address address,
                                                                   net::TlsContext tls,
                                                                   net::Deadline deadline);
  explicit Connection(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}

  // The text behind "data:". A refusal is an error that leaves the connection open
  // (at::to_error); whatever else goes wrong, cancellation included, closes it, since the answer
  // could not be told from the next one.
  asio::awaitable<Result<std::string>> ask(at::Verb verb, net::Deadline deadline);

  // A verb that has no answer.
  asio::awaitable<Result<void>> say(at::Verb verb, net::Deadline deadline);

  bool is_open() const noexcept { return open_; }
  void close() noexcept;

  // For the pushes of a monitor connection, after say(Monitor).
  net::Stream& stream() noexcept { return *stream_; }

 private:
  asio::awaitable<Result<at::Answer>> exchange(std::string line);

  std::unique_ptr<net::Stream> stream_;
  bool open_ = true;
};

}  // namespace noports::atclient
