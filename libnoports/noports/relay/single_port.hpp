// SPDX-License-Identifier: BSD-3-Clause
// The one port that all sessions of a relay may share: whose a socket is, and of which session and
// side, stands in its answer to a challenge (noports-newer.md 9.1).
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "noports/base/result.hpp"
#include "noports/net/stream.hpp"
#include "noports/net/task_group.hpp"
#include "noports/net/tcp.hpp"
#include "noports/relay/rendezvous.hpp"

namespace noports::relay {

class SinglePort {
 public:
  struct Limits {
    std::chrono::milliseconds authentication{10'000};  // the whole exchange, noports-newer.md 23
    // Sockets that have not said whose they are. Of more the oldest leaves: whoever is honest
    // answers at once, so that a crowd of the silent keeps nobody out.
    std::size_t strangers = 1'024;
    std::size_t strangers_per_address = 64;  // the next is refused; many clients may share one
  };
  // The session that lives under this id; null: none.
  using Find = std::function<Rendezvous*(const proto::SessionId&)>;

  // Listens at once; errors as net::listen().
  static Result<std::unique_ptr<SinglePort>> open(asio::any_io_executor executor,
                                                  const std::string& bind_address,
                                                  std::uint16_t port, Find find, Limits limits);
  std::uint16_t port() const noexcept;

  // Until cancelled, or until the listener is of no more use.
  asio::awaitable<void> run();

 private:
  SinglePort(asio::any_io_executor executor, net::Acceptor acceptor, Find find, Limits limits);
  asio::awaitable<void> accept_all();
  asio::awaitable<void> meet(net::Socket socket, std::string address);
  asio::awaitable<Result<void>> hand_over(net::Stream& stream, net::Deadline deadline);

  net::Acceptor acceptor_;
  Find find_;
  Limits limits_;
  std::list<net::Stream*> strangers_;  // the oldest first
  std::map<std::string, std::size_t> by_address_;
  net::TaskGroup tasks_;
};

}  // namespace noports::relay
