// SPDX-License-Identifier: BSD-3-Clause
// Two sides that are joined: their descriptors, the two directions between them, and how their end
// is passed on. Pumps owns it and is told when it is over.
#pragma once

#include <functional>
#include <optional>

#include "noports/bridge/direction.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/net/poller.hpp"

namespace noports::bridge {

// What a pair uses of its owner.
struct PairHost {
  net::Poller& poller;
  ChunkPool pool;
  // May destroy the pair: it is the last thing that ready() does.
  std::function<void(Pumps::Id, EndReason)> on_over;
};

class Pair final : public net::Watcher {
 public:
  Pair(PairHost& host, Pumps::Id id, Side a, Side b, Codecs codecs, Prefixes prefixes,
       Pumps::OnEnd on_end);
  ~Pair();  // resets what close() has not closed

  bool start();  // false when the system refuses
  void ready(int fd, bool readable, bool writable) override;
  // Stops watching and closes everything; in a finished pair as an end, else as a reset.
  void close(EndReason reason) noexcept;
  // Asked when the first flight has had its time; false: ask again later.
  bool lift_first_flight();

  Stats stats() const noexcept { return {up_.written(), down_.written()}; }
  Pumps::OnEnd take_on_end() noexcept { return std::move(on_end_); }

 private:
  std::optional<EndReason> verdict() const noexcept;
  void pass_end(const Direction& direction, Side& sink, bool& passed) noexcept;
  void forget_all() noexcept;

  PairHost& host_;
  Pumps::Id id_;
  Side a_, b_;
  Direction up_, down_;  // a to b, b to a
  Pumps::OnEnd on_end_;
  bool up_passed_ = false, down_passed_ = false;  // the end of that direction, to its sink
  bool watched_ = false;
};

}  // namespace noports::bridge
