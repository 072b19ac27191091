// SPDX-License-Identifier: BSD-3-Clause
// One transaction for all requests of a loop turn: what must not be seen before it is durable waits
// here for the commit.
#pragma once

#include <asio/any_io_executor.hpp>
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
  // at the end of this turn of the loop, in the order of the calls.
  void after(Release release);
  // Called after each commit that succeeded, when what waited for it has been released.
  void on_commit(std::function<void()> done) { done_ = std::move(done); }
  // Commits and releases now.
  void commit();

 private:
  asio::any_io_executor executor_;
  Store& store_;
  std::vector<Release> held_;
  std::function<void()> done_;
  bool posted_ = false;
};

}  // namespace noports::atserver
