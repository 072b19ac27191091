// SPDX-License-Identifier: BSD-3-Clause
// The end of a platform: requests that were begun are answered, no new ones are begun.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>

#include "noports/net/race.hpp"

namespace noports::atserver {

class Drain {
 public:
  explicit Drain(asio::any_io_executor executor) : done_(std::move(executor)) {}

  // One request, from its line to the end of its answer's writing.
  class Work {
   public:
    explicit Work(Drain& drain) : drain_(drain) { ++drain_.works_; }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work() {
      if (--drain_.works_ == 0) drain_.done_.cancel();
    }

   private:
    Drain& drain_;
  };

  // From then on connections end instead of taking another request.
  bool has_begun() const noexcept { return begun_; }

  // Begins, and returns when no work is left (true) or at the deadline (false).
  asio::awaitable<bool> finish(net::Deadline deadline);

 private:
  std::size_t works_ = 0;
  bool begun_ = false;
  asio::steady_timer done_;
};

}  // namespace noports::atserver
