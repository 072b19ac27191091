// SPDX-License-Identifier: BSD-3-Clause
// One transaction for all requests that come together: what must not be seen before it is durable
// waits here for the commit.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "noports/atserver/store.hpp"

namespace noports::atserver {

class GroupCommit : public std::enable_shared_from_this<GroupCommit> {
 public:
  // `kept`: whether what was written before is durable; if not, it is lost. Must not write to the
  // store.
  using Release = std::function<void(bool kept)>;

  GroupCommit(asio::any_io_executor executor, Store& store)
      : executor_(std::move(executor)), store_(store) {}

  // Calls `release` when everything written so far is durable: at once if it is already, otherwise
  // after the first turn of the loop that brings nothing more, in the order of the calls.
  void after(Release release);
  // Called after each commit that succeeded, when what waited for it has been released.
  void on_commit(std::function<void()> done) { done_ = std::move(done); }
  // Commits and releases now.
  void commit();

 private:
  void look_again();
  void look();

  asio::any_io_executor executor_;
  Store& store_;
  std::vector<Release> held_;
  std::function<void()> done_;
  bool posted_ = false;
  std::size_t seen_ = 0;  // of held_, when it was last looked at
  std::chrono::steady_clock::time_point begun_{};
};

}  // namespace noports::atserver
