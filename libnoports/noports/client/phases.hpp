// SPDX-License-Identifier: BSD-3-Clause
// What each phase of setting up a session cost, for `npt -v`.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::client {

class Phases {
 public:
  using Clock = std::chrono::steady_clock;

  Phases() : began_(Clock::now()) {}
  void add(std::string name, Clock::duration span) { all_.emplace_back(std::move(name), span); }
  // "phase device ping 12.3 ms", one for each in order, then the total since construction.
  std::vector<std::string> lines() const;

 private:
  Clock::time_point began_;
  std::vector<std::pair<std::string, Clock::duration>> all_;
};

// Runs op and notes under `name` how long it took, also when it failed.
template <class T>
asio::awaitable<Result<T>> timed(Phases& phases, std::string name, asio::awaitable<Result<T>> op) {
  const auto began = Phases::Clock::now();
  auto ended = co_await std::move(op);
  phases.add(std::move(name), Phases::Clock::now() - began);
  co_return ended;
}

}  // namespace noports::client
