// SPDX-License-Identifier: BSD-3-Clause
// How long to wait before the next attempt.
#pragma once

#include <algorithm>
#include <chrono>

#include "noports/crypto/random.hpp"

namespace noports::atclient {

// 200 ms, doubling to 5 s, each a quarter more or less at random, so that the clients of an
// atServer that restarts do not come back in step.
class Backoff {
 public:
  using Span = std::chrono::milliseconds;

  explicit Backoff(Span first = Span(200), Span most = Span(5'000))
      : first_(first), most_(most), next_(first) {}

  Span next() {
    const auto span = next_;
    next_ = std::min(next_ * 2, most_);
    const auto spread = static_cast<std::uint32_t>(span.count() / 2 + 1);
    return span * 3 / 4 + Span(crypto::random_below(spread));
  }
  void reset() noexcept { next_ = first_; }

 private:
  Span first_, most_, next_;
};

}  // namespace noports::atclient
