// SPDX-License-Identifier: BSD-3-Clause
// One session at the relay: two listeners, whose sockets are authenticated and joined in order
// (noports-wire.md 9.3, 9.4). What it joins it cannot read.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/net/stream.hpp"
#include "noports/net/task_group.hpp"
#include "noports/net/tcp.hpp"
#include "noports/proto/relay_auth.hpp"
#include "noports/relay/door.hpp"
#include "noports/relay/waiting_line.hpp"

namespace noports::relay {

struct Limits {
  std::chrono::milliseconds authentication{5'000};  // per socket, noports-wire.md 15
  std::chrono::milliseconds first_pair{30'000};     // from the allocation of the ports
  // Silence for so long is a wish for a challenge, where nothing is known of a side yet
  // (noports-newer.md 8).
  std::chrono::milliseconds detection{500};
  // A session's sockets come one connection at a time; more that have not said who they are, or
  // more that wait for a partner, are somebody else's.
  std::size_t unauthenticated = 64;
  std::size_t unauthenticated_per_address = 32;
  std::size_t waiting = 1'200;  // an end keeps 1,024 streams at most, and its control channel
  std::size_t pairs = 1'200;
  // Of all sessions together; each pair holds two descriptors. A relay without any left could open
  // no session and not even reach its own atServer.
  std::size_t all_pairs = 100'000;
};

class Rendezvous {
 public:
  // Binds both ports, free ones, at `bind_address`. `pumps` outlives it.
  static Result<std::unique_ptr<Rendezvous>> open(asio::any_io_executor executor,
                                                  const std::string& bind_address,
                                                  proto::RelayCredentials credentials,
                                                  SideRules client, SideRules device,
                                                  bridge::Pumps& pumps, Limits limits);
  // Without ports: its sockets come to the relay's one port, which hands them over with adopt().
  static std::unique_ptr<Rendezvous> open_portless(asio::any_io_executor executor,
                                                   proto::RelayCredentials credentials,
                                                   SideRules client, SideRules device,
                                                   bridge::Pumps& pumps, Limits limits);
  ~Rendezvous();

  // 0 where it has no ports of its own.
  std::uint16_t client_port() const noexcept;  // port A
  std::uint16_t device_port() const noexcept;  // port B

  struct Totals {
    std::uint64_t pairs = 0, bytes_up = 0, bytes_down = 0;  // up: client to device
  };
  // How each side will authenticate, as the client says who knows it. What is known stays.
  void learn(proto::RelayAuthMode client, proto::RelayAuthMode device);

  // Takes over a socket that has answered `challenge` with `line`, without its end, if that is what
  // a side of this session would say: whether it is believed is checked, and the socket told, by
  // `deadline`. False: it is left to the caller. Of effect while run() runs.
  bool adopt(net::Stream& stream, std::string_view line, std::string_view challenge,
             net::Deadline deadline);

  // Serves until the session is over: no pair within the first 30 s, or the last pair ended after
  // them. Pairs that live when the rendezvous dies die with it.
  asio::awaitable<Totals> run();

 private:
  struct Waiting {
    net::Socket socket;
    std::string first_bytes;
  };
  struct Side {
    std::optional<net::Acceptor> acceptor;
    std::optional<Door> door;  // none: sockets are joined at once
    bool has_passed = false;   // one of its sockets has authenticated
    WaitingLine line;
    std::map<WaitingLine::Ticket, Waiting> sockets;
  };

  Rendezvous(asio::any_io_executor executor, proto::SessionId session, bridge::Pumps& pumps,
             Limits limits);
  asio::awaitable<void> until_over();
  asio::awaitable<void> accept(Side& side);
  void set_doors(proto::RelayCredentials credentials, SideRules client, SideRules device);
  asio::awaitable<void> admit(Side& side, net::Socket socket, WaitingLine::Ticket ticket);
  asio::awaitable<void> admit_answered(Side& side, net::Stream stream, proto::EscrProof proof,
                                       net::Deadline deadline, WaitingLine::Ticket ticket);
  void settle(Side& side, WaitingLine::Ticket ticket, const std::string& address,
              Result<Waiting> waiting);
  bool is_full(const Side& side) const noexcept;
  bool has_too_many_strangers(const Side& side, const std::string& address) const noexcept;
  void pass(Side& side, WaitingLine::Ticket ticket, Waiting waiting);
  void join_ready();
  bool has_room() const noexcept;
  void on_pair_end(bridge::Pumps::Id id, bridge::Stats stats);

  proto::SessionId session_;
  Side client_, device_;
  bridge::Pumps& pumps_;
  Limits limits_;
  net::TaskGroup tasks_;
  asio::steady_timer over_;  // expires at the end of the first 30 s; cancelled when pairs are gone
  bool first_pair_due_ = true, is_running_ = false;
  std::set<bridge::Pumps::Id> pairs_;
  Totals totals_;
  // Pairs outlive a run that was cancelled by one turn of the loop; they ask whether we are there.
  std::shared_ptr<Rendezvous*> self_;
};

}  // namespace noports::relay
