// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/rendezvous.hpp"

#include <asio/experimental/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/relay/peer_address.hpp"

namespace noports::relay {
Result<std::unique_ptr<Rendezvous>> Rendezvous::open(asio::any_io_executor executor,
                                                     const std::string& bind_address,
                                                     proto::RelayCredentials credentials,
                                                     SideRules client, SideRules device,
                                                     bridge::Pumps& pumps, Limits limits) {
  auto port_a = net::listen(executor, bind_address, 0);
  if (!port_a) return fail(std::move(port_a).error());
  auto port_b = net::listen(executor, bind_address, 0);
  if (!port_b) return fail(std::move(port_b).error());
  std::unique_ptr<Rendezvous> made(new Rendezvous(executor, credentials.session, pumps, limits));
  made->client_.acceptor.emplace(*std::move(port_a));
  made->device_.acceptor.emplace(*std::move(port_b));
  made->set_doors(std::move(credentials), std::move(client), std::move(device));
  return made;
}

std::unique_ptr<Rendezvous> Rendezvous::open_portless(asio::any_io_executor executor,
                                                      proto::RelayCredentials credentials,
                                                      SideRules client, SideRules device,
                                                      bridge::Pumps& pumps, Limits limits) {
  std::unique_ptr<Rendezvous> made(new Rendezvous(executor, credentials.session, pumps, limits));
  made->set_doors(std::move(credentials), std::move(client), std::move(device));
  return made;
}

Rendezvous::Rendezvous(asio::any_io_executor executor, proto::SessionId session,
                       bridge::Pumps& pumps, Limits limits)
    : session_(std::move(session)),
      pumps_(pumps),
      limits_(limits),
      tasks_(executor, log::escapes("relay")),
      over_(executor, std::chrono::steady_clock::now() + limits.first_pair),
      self_(std::make_shared<Rendezvous*>(this)) {}

void Rendezvous::set_doors(proto::RelayCredentials credentials, SideRules client,
                           SideRules device) {
  const auto window = limits_.detection;
  if (client.owner) {
    client_.door.emplace(proto::RelaySide::client, std::move(client), credentials, window);
  }
  if (device.owner) {
    device_.door.emplace(proto::RelaySide::device, std::move(device), credentials, window);
  }
}

Rendezvous::~Rendezvous() {
  *self_ = nullptr;
  for (const auto id : pairs_) pumps_.abort(id);
}

std::uint16_t Rendezvous::client_port() const noexcept {
  return client_.acceptor ? client_.acceptor->local_endpoint().port() : 0;
}

std::uint16_t Rendezvous::device_port() const noexcept {
  return device_.acceptor ? device_.acceptor->local_endpoint().port() : 0;
}

void Rendezvous::learn(proto::RelayAuthMode client, proto::RelayAuthMode device) {
  if (client_.door) client_.door->learn(client);
  if (device_.door) device_.door->learn(device);
}

asio::awaitable<Rendezvous::Totals> Rendezvous::run() {
  is_running_ = true;
  if (client_.acceptor) tasks_.spawn(accept(client_));
  if (device_.acceptor) tasks_.spawn(accept(device_));
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
  is_running_ = false;  // what comes while the tasks are joined would hold up the end
}

asio::awaitable<void> Rendezvous::accept(Side& side) {
  for (;;) {
    auto socket = co_await net::accept(*side.acceptor);
    if (!socket) co_return;
    const auto address = peer_address(*socket);
    if (is_full(side)) {
      log::info("relay", "a session has as many sockets as it may",
                {{"session", session_.str()}, {"from", address}});
    } else if (!side.door) {
      const auto ticket = side.line.enter(address);
      side.sockets.emplace(ticket, Waiting{*std::move(socket), {}});
      side.line.pass(ticket);
      join_ready();
    } else if (!has_too_many_strangers(side, address)) {
      tasks_.spawn(admit(side, *std::move(socket), side.line.enter(address)));
    } else {
      log::debug("relay", "too many sockets at once have not said who they are",
                 {{"session", session_.str()}, {"from", address}});
    }
  }
}

asio::awaitable<void> Rendezvous::admit(Side& side, net::Socket socket,
                                        WaitingLine::Ticket ticket) {
  const auto address = peer_address(socket);
  auto first_bytes =
      co_await net::before(net::in(limits_.authentication), side.door->admit(socket));
  if (!first_bytes) co_return settle(side, ticket, address, fail(std::move(first_bytes).error()));
  Waiting waiting{std::move(socket), *std::move(first_bytes)};
  settle(side, ticket, address, std::move(waiting));
}

bool Rendezvous::adopt(net::Stream& stream, std::string_view line, std::string_view challenge,
                       net::Deadline deadline) {
  for (auto* side : {&client_, &device_}) {
    if (!is_running_ || !side->door) continue;
    auto proof = side->door->read_answer(line, challenge);
    if (!proof) continue;
    auto address = peer_address(stream.socket());
    if (is_full(*side) || has_too_many_strangers(*side, address)) return false;
    const auto ticket = side->line.enter(std::move(address));
    tasks_.spawn(admit_answered(*side, std::move(stream), *std::move(proof), deadline, ticket));
    return true;
  }
  return false;
}

asio::awaitable<void> Rendezvous::admit_answered(Side& side, net::Stream stream,
                                                 proto::EscrProof proof, net::Deadline deadline,
                                                 WaitingLine::Ticket ticket) {
  const auto address = peer_address(stream.socket());
  auto judged = side.door->judge(stream, std::move(proof));
  auto passed = co_await net::before(deadline, std::move(judged));
  if (!passed) co_return settle(side, ticket, address, fail(std::move(passed).error()));
  side.door->learn(proto::RelayAuthMode::escr);
  Waiting waiting{std::move(stream.socket()), stream.take_pending()};
  settle(side, ticket, address, std::move(waiting));
}

// The end of a socket's wait before the door: it is in, or away.
void Rendezvous::settle(Side& side, WaitingLine::Ticket ticket, const std::string& address,
                        Result<Waiting> waiting) {
  if (waiting) {
    pass(side, ticket, *std::move(waiting));
  } else {
    log::info("relay", "a socket was turned away",
              {{"session", session_.str()}, {"from", address}, {"why", waiting.error().what()}});
    side.line.leave(ticket);
  }
  join_ready();
}

void Rendezvous::pass(Side& side, WaitingLine::Ticket ticket, Waiting waiting) {
  side.sockets.emplace(ticket, std::move(waiting));
  side.line.pass(ticket);
  if (std::exchange(side.has_passed, true)) return;
  const bool is_escr = side.door->mode() == proto::RelayAuthMode::escr;
  log::info("relay", "a side has authenticated",
            {{"session", session_.str()},
             {"side", &side == &client_ ? "client" : "device"},
             {"auth", is_escr ? "escr" : "payload"}});
}

bool Rendezvous::is_full(const Side& side) const noexcept {
  return side.sockets.size() >= limits_.waiting || !has_room();
}

bool Rendezvous::has_too_many_strangers(const Side& side,
                                        const std::string& address) const noexcept {
  return side.line.unauthenticated() >= limits_.unauthenticated ||
         side.line.unauthenticated_from(address) >= limits_.unauthenticated_per_address;
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
