// SPDX-License-Identifier: BSD-3-Clause
// One session at the relay: two listeners, whose sockets are authenticated and joined in order
// (noports-wire.md 9.3, 9.4). What it joins it cannot read.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "noports/base/result.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/crypto/rsa.hpp"
#include "noports/net/task_group.hpp"
#include "noports/net/tcp.hpp"
#include "noports/proto/relay_auth.hpp"
#include "noports/relay/waiting_line.hpp"

namespace noports::relay {

// One side as the request describes it.
struct SideRules {
  std::optional<crypto::PublicKey> key;  // who must sign; nobody: sockets are joined at once
  // The key again, past every cache: asked at most once, when a signature does not verify.
  std::function<asio::awaitable<Result<crypto::PublicKey>>()> refetch;
};

struct Limits {
  std::chrono::milliseconds authentication{5'000};  // per socket, noports-wire.md 15
  std::chrono::milliseconds first_pair{30'000};     // from the allocation of the ports
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
  ~Rendezvous();

  std::uint16_t client_port() const noexcept;  // port A
  std::uint16_t device_port() const noexcept;  // port B

  struct Totals {
    std::uint64_t pairs = 0, bytes_up = 0, bytes_down = 0;  // up: client to device
  };
  // Serves until the session is over: no pair within the first 30 s, or the last pair ended after
  // them. Pairs that live when the rendezvous dies die with it.
  asio::awaitable<Totals> run();

 private:
  struct Waiting {
    net::Socket socket;
    std::string first_bytes;
  };
  struct Side {
    Side(net::Acceptor acceptor_, SideRules rules_)
        : acceptor(std::move(acceptor_)), rules(std::move(rules_)) {}
    net::Acceptor acceptor;
    SideRules rules;
    bool refetched = false;
    WaitingLine line;
    std::map<WaitingLine::Ticket, Waiting> sockets;
  };

  Rendezvous(asio::any_io_executor executor, proto::RelayCredentials credentials, Side client,
             Side device, bridge::Pumps& pumps, Limits limits);
  asio::awaitable<void> until_over();
  asio::awaitable<void> accept(Side& side);
  asio::awaitable<void> admit(Side& side, net::Socket socket, WaitingLine::Ticket ticket);
  asio::awaitable<Result<std::string>> authenticate(Side& side, net::Socket& socket);
  asio::awaitable<Result<void>> check(Side& side, const std::string& line);
  void join_ready();
  bool has_room() const noexcept;
  void on_pair_end(bridge::Pumps::Id id, bridge::Stats stats);

  proto::RelayCredentials credentials_;
  Side client_, device_;
  bridge::Pumps& pumps_;
  Limits limits_;
  net::TaskGroup tasks_;
  asio::steady_timer over_;  // expires at the end of the first 30 s; cancelled when pairs are gone
  bool first_pair_due_ = true;
  std::set<bridge::Pumps::Id> pairs_;
  Totals totals_;
  // Pairs outlive a run that was cancelled by one turn of the loop; they ask whether we are there.
  std::shared_ptr<Rendezvous*> self_;
};

}  // namespace noports::relay
