// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/single_port.hpp"

#include <utility>

#include "noports/base/finally.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/proto/escr.hpp"
#include "noports/relay/peer_address.hpp"

namespace noports::relay {

Result<std::unique_ptr<SinglePort>> SinglePort::open(asio::any_io_executor executor,
                                                     const std::string& bind_address,
                                                     std::uint16_t port, Find find, Limits limits) {
  auto acceptor = net::listen(executor, bind_address, port);
  if (!acceptor) return fail(std::move(acceptor).error().during("opening the relay's one port"));
  return std::unique_ptr<SinglePort>(
      new SinglePort(executor, *std::move(acceptor), std::move(find), limits));
}

SinglePort::SinglePort(asio::any_io_executor executor, net::Acceptor acceptor, Find find,
                       Limits limits)
    : acceptor_(std::move(acceptor)),
      find_(std::move(find)),
      limits_(limits),
      tasks_(executor, log::escapes("relay")) {}

std::uint16_t SinglePort::port() const noexcept { return acceptor_.local_endpoint().port(); }

asio::awaitable<void> SinglePort::run() { return net::scoped(tasks_, accept_all()); }

asio::awaitable<void> SinglePort::accept_all() {
  for (;;) {
    auto socket = co_await net::accept(acceptor_);
    if (!socket) {
      log::error("relay", "the one port is closed", {{"why", socket.error().what()}});
      co_return;
    }
    auto address = peer_address(*socket);
    const auto known = by_address_.find(address);
    const bool is_crowd =
        known != by_address_.end() && known->second >= limits_.strangers_per_address;
    if (is_crowd) {
      log::debug("relay", "too many sockets of one address have not said whose they are",
                 {{"from", address}});
      continue;
    }
    if (strangers_.size() >= limits_.strangers) {
      strangers_.front()->close();
      strangers_.pop_front();
    }
    tasks_.spawn(meet(*std::move(socket), std::move(address)));
  }
}

asio::awaitable<void> SinglePort::meet(net::Socket socket, std::string address) {
  net::Stream stream(std::move(socket), proto::kEscrLineLimit);
  strangers_.push_back(&stream);
  ++by_address_[address];
  const Finally known([this, &address, &stream] {
    strangers_.remove(&stream);
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
  });
  const auto deadline = net::in(limits_.authentication);
  auto handed = co_await net::before(deadline, hand_over(stream, deadline));
  if (handed) co_return;
  log::info("relay", "a socket was turned away",
            {{"from", address}, {"why", handed.error().what()}});
}

asio::awaitable<Result<void>> SinglePort::hand_over(net::Stream& stream, net::Deadline deadline) {
  const auto challenge = proto::make_escr_challenge();
  auto said = co_await stream.write_all(challenge + "\n");
  if (!said) co_return said;
  auto line = co_await stream.read_line();
  if (!line) co_return fail(std::move(line).error());
  const auto session = proto::escr_session(*line);
  auto* meeting = session ? find_(*session) : nullptr;
  if (meeting != nullptr && meeting->adopt(stream, *line, challenge, deadline)) {
    co_return Result<void>();
  }
  std::string verdict(proto::kEscrRefused);
  auto told = co_await stream.write_all(std::move(verdict));
  if (!told) co_return told;
  co_return fail(Errc::bad_signature, "its line is of no session that meets here");
}

}  // namespace noports::relay
