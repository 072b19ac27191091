// SPDX-License-Identifier: BSD-3-Clause
// From atServer to atServer: those of this process, which share its store, here; those of other
// platforms in platform_outbox.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>

#include "noports/atserver/peer.hpp"

namespace noports::atserver {

class Outbox {
 public:
  virtual ~Outbox() = default;

  // Puts a notification on its way and remembers it for its sender; an id that the sender used
  // before is not sent again. In the Database::Scope of the request.
  virtual void deliver(const Outgoing& outgoing, std::int64_t now) = 0;

  // Asks `whom` on behalf of `asker`. Never longer than 3 s: clients give up then (1.7).
  virtual asio::awaitable<PeerAnswer> ask(at::Atsign asker, at::Atsign whom, PeerRequest request,
                                          std::int64_t now) = 0;

  // Goes on with what was under way when the process ended before.
  virtual void start() {}
  // To the atServers of other platforms.
  virtual std::size_t connections() const noexcept { return 0; }
};

// All atSigns of one platform.
class LocalOutbox : public Outbox {
 public:
  // `arrived` hears of what was stored for a recipient, before it is committed.
  using Arrived = std::function<void(Arrival)>;
  LocalOutbox(Store& store, Arrived arrived) : store_(store), arrived_(std::move(arrived)) {}

  void deliver(const Outgoing& outgoing, std::int64_t now) override;
  asio::awaitable<PeerAnswer> ask(at::Atsign asker, at::Atsign whom, PeerRequest request,
                                  std::int64_t now) override;

 private:
  Store& store_;
  Arrived arrived_;
};

}  // namespace noports::atserver
