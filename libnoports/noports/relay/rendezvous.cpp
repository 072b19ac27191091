// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/rendezvous.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/stream.hpp"

namespace noports::relay {
namespace {

std::string address_of(const net::Socket& socket) {
  std::error_code ignored;  // a socket that is gone already: fails in authentication
  return socket.remote_endpoint(ignored).address().to_string();
}

}  // namespace

Result<std::unique_ptr<Rendezvous>> Rendezvous::open(asio::any_io_executor executor,
                                                     const std::string& bind_address,
                                                     proto::RelayCredentials credentials,
                                                     SideRules client, SideRules device,
                                                     bridge::Pumps& pumps, Limits limits) {
  auto port_a = net::listen(executor, bind_address, 0);
  if (!port_a) return fail(std::move(port_a).error());
  auto port_b = net::listen(executor, bind_address, 0);
  if (!port_b) return fail(std::move(port_b).error());
  Side side_a(*std::move(port_a), std::move(client));
  Side side_b(*std::move(port_b), std::move(device));
  return std::unique_ptr<Rendezvous>(new Rendezvous(
      executor, std::move(credentials), std::move(side_a), std::move(side_b), pumps, limits));
}

Rendezvous::Rendezvous(asio::any_io_executor executor, proto::RelayCredentials credentials,
                       Side client, Side device, bridge::Pumps& pumps, Limits limits)
    : credentials_(std::move(credentials)),
      client_(std::move(client)),
      device_(std::move(device)),
      pumps_(pumps),
      limits_(limits),
      tasks_(executor, log::escapes("relay")),
      over_(executor, std::chrono::steady_clock::now() + limits.first_pair),
      self_(std::make_shared<Rendezvous*>(this)) {}

Rendezvous::~Rendezvous() {
  *self_ = nullptr;
  for (const auto id : pairs_) pumps_.abort(id);
}

std::uint16_t Rendezvous::client_port() const noexcept {
  return client_.acceptor.local_endpoint().port();
}

std::uint16_t Rendezvous::device_port() const noexcept {
  return device_.acceptor.local_endpoint().port();
}

asio::awaitable<Rendezvous::Totals> Rendezvous::run() {
  tasks_.spawn(accept(client_));
  tasks_.spawn(accept(device_));
  co_await net::scoped(tasks_, until_over());
  co_return totals_;
}

// Cancelled from outside this throws; what waits or runs ends with the object then.
asio::awaitable<void> Rendezvous::until_over() {
  do {
    co_await over_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    co_await net::checkpoint();
    first_pair_due_ = false;
    over_.expires_at(std::chrono::steady_clock::time_point::max());
  } while (!pairs_.empty());
}

asio::awaitable<void> Rendezvous::accept(Side& side) {
  for (;;) {
    auto socket = co_await net::accept(side.acceptor);
    if (!socket) co_return;
    const auto address = address_of(*socket);
    if (side.sockets.size() >= limits_.waiting || !has_room()) {
      log::info("relay", "a session has as many sockets as it may",
                {{"session", credentials_.session.str()}, {"from", address}});
    } else if (!side.rules.key) {
      const auto ticket = side.line.enter(address);
      side.sockets.emplace(ticket, Waiting{*std::move(socket), {}});
      side.line.pass(ticket);
      join_ready();
    } else if (side.line.unauthenticated() < limits_.unauthenticated &&
               side.line.unauthenticated_from(address) < limits_.unauthenticated_per_address) {
      tasks_.spawn(admit(side, *std::move(socket), side.line.enter(address)));
    } else {
      log::debug("relay", "too many sockets at once have not said who they are",
                 {{"session", credentials_.session.str()}, {"from", address}});
    }
  }
}

asio::awaitable<void> Rendezvous::admit(Side& side, net::Socket socket,
                                        WaitingLine::Ticket ticket) {
  const auto address = address_of(socket);
  auto first_bytes =
      co_await net::before(net::in(limits_.authentication), authenticate(side, socket));
  if (!first_bytes) {
    log::info("relay", "a socket was turned away",
              {{"session", credentials_.session.str()},
               {"from", address},
               {"why", first_bytes.error().what()}});
    side.line.leave(ticket);
  } else {
    Waiting waiting{std::move(socket), *std::move(first_bytes)};
    side.sockets.emplace(ticket, std::move(waiting));
    side.line.pass(ticket);
  }
  join_ready();
}

// What the peer sent behind its line.
asio::awaitable<Result<std::string>> Rendezvous::authenticate(Side& side, net::Socket& socket) {
  net::Stream stream(std::move(socket), proto::kRelayLineLimit);
  auto line = co_await stream.read_line();
  if (!line) co_return fail(std::move(line).error());
  auto verdict = co_await check(side, *line);
  if (!verdict) co_return fail(std::move(verdict).error());
  std::string rest = stream.take_pending();
  socket = std::move(stream.socket());
  co_return rest;
}

asio::awaitable<Result<void>> Rendezvous::check(Side& side, const std::string& line) {
  auto verdict = proto::check_relay_auth_line(line, credentials_, *side.rules.key);
  if (verdict || verdict.error().code() != Errc::bad_signature || side.refetched) {
    co_return verdict;
  }
  // The signer may have been activated anew since its key was cached (noports-wire.md, Q-18).
  side.refetched = true;
  auto fresh = co_await side.rules.refetch();
  if (!fresh) co_return verdict;
  side.rules.key = *std::move(fresh);
  co_return proto::check_relay_auth_line(line, credentials_, *side.rules.key);
}

bool Rendezvous::has_room() const noexcept {
  return pairs_.size() < limits_.pairs && pumps_.size() < limits_.all_pairs;
}

void Rendezvous::join_ready() {
  while (client_.line.is_ready() && device_.line.is_ready() && has_room()) {
    auto a = client_.sockets.extract(*client_.line.take());
    auto b = device_.sockets.extract(*device_.line.take());
    auto id = std::make_shared<bridge::Pumps::Id>();
    *id = pumps_.join(
        bridge::Side(std::move(a.mapped().socket)), bridge::Side(std::move(b.mapped().socket)), {},
        bridge::Prefixes{std::move(a.mapped().first_bytes), std::move(b.mapped().first_bytes)},
        [self = self_, id](bridge::Stats stats, bridge::EndReason) {
          if (*self) (*self)->on_pair_end(*id, stats);
        });
    pairs_.insert(*id);
    ++totals_.pairs;
  }
}

void Rendezvous::on_pair_end(bridge::Pumps::Id id, bridge::Stats stats) {
  pairs_.erase(id);
  totals_.bytes_up += stats.a_to_b;
  totals_.bytes_down += stats.b_to_a;
  join_ready();  // there may be room again
  if (pairs_.empty() && !first_pair_due_) over_.cancel();
}

}  // namespace noports::relay
