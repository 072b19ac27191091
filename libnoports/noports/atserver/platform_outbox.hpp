// SPDX-License-Identifier: BSD-3-Clause
// The outbox of a platform: to its own atSigns at once, to those of other platforms through their
// atServers (atprotocol-wire.md 3.5-3.9, 4).
#pragma once

#include "noports/atserver/courier.hpp"
#include "noports/atserver/outbox.hpp"
#include "noports/atserver/peer_links.hpp"

namespace noports::atserver {

class PlatformOutbox final : public Outbox {
 public:
  // `services` outlives it, and is used only once it is complete.
  PlatformOutbox(Services& services, asio::any_io_executor executor, LocalOutbox::Arrived arrived);

  void deliver(const Outgoing& outgoing, std::int64_t now) override;
  asio::awaitable<PeerAnswer> ask(at::Atsign asker, at::Atsign whom, PeerRequest request,
                                  std::int64_t now) override;
  void start() override;
  std::size_t connections() const noexcept override { return links_.size(); }

 private:
  std::optional<Account> find_here(const at::Atsign& atsign);
  asio::awaitable<PeerAnswer> fetch_open(at::Atsign whom, PeerFetch wanted, net::Deadline deadline);
  asio::awaitable<PeerAnswer> ask_proved(Account asker, at::Atsign whom, PeerRequest request,
                                         net::Deadline deadline);
  asio::awaitable<PeerAnswer> fetch_proof(at::Atsign whom, PeerProof wanted,
                                          net::Deadline deadline);
  asio::awaitable<void> keep_pruned();

  Services& services_;
  LocalOutbox local_;
  PeerLinks links_;
  Courier courier_;
  std::size_t proofs_ = 0;  // being fetched, for strangers
};

}  // namespace noports::atserver
