// SPDX-License-Identifier: BSD-3-Clause
// Connections to the atServers of other platforms: opened, proved by pol in the name of one of our
// atSigns, and kept for a while (atprotocol-wire.md 3.5, 1.7).
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "noports/atserver/peer_connection.hpp"
#include "noports/atserver/services.hpp"
#include "noports/atserver/signing_keys.hpp"

namespace noports::atserver {

// A value, or why there is none, as peers are told of it ("Exception: ...").
template <class T>
using OrRefusal = std::variant<T, at::Refusal>;

class PeerLinks {
 public:
  PeerLinks(Services& services, asio::any_io_executor executor);

  using Connected = OrRefusal<std::unique_ptr<PeerConnection>>;
  // One that says nothing of who asks. AT0007 when nobody serves `whom`, AT0004 when the atServer
  // cannot be reached, AT0006 when there are too many connections.
  asio::awaitable<Connected> open(at::Atsign whom, net::Deadline deadline);

  // One that is proved, for as long as it is held; it comes back by itself if it is still good.
  class Held {
   public:
    Held(PeerLinks& links, std::string key) : links_(&links), key_(std::move(key)) {}
    Held(Held&& other) noexcept
        : links_(std::exchange(other.links_, nullptr)),
          key_(std::move(other.key_)),
          connection_(std::move(other.connection_)),
          is_fresh_(other.is_fresh_) {}
    Held& operator=(Held&&) = delete;
    ~Held();
    PeerConnection& operator*() const { return *connection_; }
    PeerConnection* operator->() const { return connection_.get(); }
    // Opened for this holder: its end says something of the other atServer.
    bool is_fresh() const noexcept { return is_fresh_; }

   private:
    friend class PeerLinks;
    PeerLinks* links_;
    std::string key_;
    std::unique_ptr<PeerConnection> connection_;
    bool is_fresh_ = false;
  };
  // As open(); and what the other atServer answered when it was told who asks.
  asio::awaitable<OrRefusal<Held>> prove(Account from, at::Atsign to, net::Deadline deadline);

  // Ends those that nobody has used for long.
  void prune();
  std::size_t size() const noexcept { return idle_.size() + held_; }

  // The same that this platform refuses a stranger with; for the other direction.
  static at::Refusal refusal(const Error& error);

 private:
  struct Idle {
    std::string key;
    std::unique_ptr<PeerConnection> connection;
    net::Deadline since;
  };
  asio::awaitable<std::optional<at::Refusal>> log_in(PeerConnection& connection, Account from,
                                                     at::Atsign to, net::Deadline deadline);
  asio::awaitable<std::optional<at::Refusal>> compare_key(PeerConnection& connection, Account from,
                                                          at::Atsign to, net::Deadline deadline);
  void publish(const Account& from, const at::Atsign& to, const at::KeyName& id,
               const std::string& signature);
  void withdraw(const Account& from, const at::KeyName& id);
  std::size_t in_use(const std::string& key) const;
  asio::awaitable<Result<void>> one_is_freed();
  std::unique_ptr<PeerConnection> take_idle(const std::string& key);
  void give_back(const std::string& key, std::unique_ptr<PeerConnection> connection) noexcept;

  Services& services_;
  SigningKeys keys_;
  std::deque<Idle> idle_;  // the longest unused first
  std::map<std::string, std::size_t> in_use_;
  std::size_t held_ = 0;
  asio::steady_timer freed_;  // never expires; cancelled when one comes back
};

}  // namespace noports::atserver
