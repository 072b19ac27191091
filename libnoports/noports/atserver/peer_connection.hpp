// SPDX-License-Identifier: BSD-3-Clause
// A connection that this platform has opened to an atServer of another one: a line out, its answer
// back, one at a time (atprotocol-wire.md 1.2).
#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "noports/atserver/elsewhere.hpp"
#include "noports/atserver/peer_line.hpp"
#include "noports/net/stream.hpp"

namespace noports::atserver {

class PeerConnection {
 public:
  explicit PeerConnection(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}

  static asio::awaitable<Result<std::unique_ptr<PeerConnection>>> open(net::TlsContext tls,
                                                                       Place place,
                                                                       net::Deadline deadline);

  // After an error, and after a wait that was cancelled, the connection is closed.
  asio::awaitable<Result<PeerLine>> ask(std::string line, std::size_t longest,
                                        net::Deadline deadline);
  // Says pol; see decode_pol_answer().
  asio::awaitable<Result<PolAnswer>> prove(at::Atsign self, net::Deadline deadline);

  bool is_open() const noexcept { return open_; }
  // Whether nothing has come since the last answer, neither bytes nor the end.
  bool is_quiet() noexcept;
  void close() noexcept;

 private:
  asio::awaitable<Result<std::string>> exchange(std::string line, std::size_t longest);
  asio::awaitable<Result<PolAnswer>> exchange_pol(at::Atsign self);

  std::unique_ptr<net::Stream> stream_;
  std::string rest_;  // behind the last answer: a prompt, or a part of it
  bool open_ = true;
};

}  // namespace noports::atserver
