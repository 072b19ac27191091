// SPDX-License-Identifier: BSD-3-Clause
// Whose public key may have changed since we looked: a peer that is activated anew tells nobody,
// but shows it by a new shared key.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>

#include "noports/at/atsign.hpp"

namespace noports::atclient {

class Doubts {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Between two checks of one peer, so that it cannot make us look up for each of its letters.
  static constexpr std::chrono::seconds kCheckEach{10};

  // Remembers at most `most` peers.
  explicit Doubts(std::size_t most) : most_(most) {}

  void raise(const at::Atsign& peer) {
    if (!peers_.contains(peer) && peers_.size() >= most_) peers_.erase(peers_.begin());
    peers_[peer].is_open = true;
  }
  // Whether to look now. A doubt that comes too early after a check stays, and is due later.
  bool is_due(const at::Atsign& peer, Time now) const {
    const auto found = peers_.find(peer);
    return found != peers_.end() && found->second.is_open && now >= found->second.next_check;
  }
  // A look-up begins, whatever comes of it.
  void check(const at::Atsign& peer, Time now) {
    const auto found = peers_.find(peer);
    if (found != peers_.end()) found->second.next_check = now + kCheckEach;
  }
  // The key has been seen on the peer's own atServer.
  void settle(const at::Atsign& peer) {
    const auto found = peers_.find(peer);
    if (found != peers_.end()) found->second.is_open = false;
  }

 private:
  struct Doubt {
    bool is_open = false;
    Time next_check{};
  };

  std::size_t most_;
  std::map<at::Atsign, Doubt> peers_;
};

}  // namespace noports::atclient
