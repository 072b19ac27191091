// SPDX-License-Identifier: BSD-3-Clause
// Two sides that are joined: their descriptors, the two directions between them, and how their end
// is passed on. Pumps owns it and is told when it is over.
#pragma once

#include <chrono>
#include <cstdint>
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
  std::chrono::milliseconds patience;
  // May destroy the pair: it is the last thing that ready() and tick() do.
  std::function<void(Pumps::Id, EndReason)> on_over;
  std::function<void(Pumps::Id)> on_wait;  // asks for a tick() in 50 ms
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
  void tick();  // what no descriptor tells: that bytes were acknowledged, and that time has passed

  Stats stats() const noexcept;
  Pumps::OnEnd take_on_end() noexcept { return std::move(on_end_); }

 private:
  void conclude();
  std::optional<EndReason> verdict() const noexcept;
  std::optional<EndReason> one_way_verdict();
  void ask_for_tick();
  bool lift_first_flight();  // false: it is not acknowledged yet
  void pass_end(const Direction& direction, Side& sink, bool& passed) noexcept;
  void forget_all() noexcept;

  PairHost& host_;
  Pumps::Id id_;
  Side a_, b_;
  Direction up_, down_;  // a to b, b to a
  Pumps::OnEnd on_end_;
  bool up_passed_ = false, down_passed_ = false;  // the end of that direction, to its sink
  bool watched_ = false, waits_ = false;
  // Of a pair that goes on in one direction only: what has arrived, and since when it is no more.
  std::optional<std::uint64_t> arrived_;
  std::chrono::steady_clock::time_point arrived_at_;
};

}  // namespace noports::bridge
