// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/group_commit.hpp"

#include <asio/post.hpp>
#include <utility>

#include "noports/log/log.hpp"

namespace noports::atserver {

namespace {

// For how long a batch may grow: no longer than the disk takes for it.
constexpr std::chrono::milliseconds kLongest{2};

}  // namespace

void GroupCommit::after(Release release) {
  if (held_.empty() && !store_.dirty()) return release(true);
  held_.push_back(std::move(release));
  if (std::exchange(posted_, true)) return;
  seen_ = 0;
  begun_ = std::chrono::steady_clock::now();
  look_again();
}

// Behind every handler that is ready now: their requests share the transaction.
void GroupCommit::look_again() {
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->look();
  });
}

// A connection brings one record in each turn, though it may have received many.
void GroupCommit::look() {
  if (!posted_) return;  // somebody could not wait
  const bool grew = held_.size() > std::exchange(seen_, held_.size());
  if (grew && std::chrono::steady_clock::now() - begun_ < kLongest) return look_again();
  commit();
}

void GroupCommit::commit() {
  posted_ = false;
  const auto committed = store_.commit();
  if (!committed) log::error("atserver", "a batch is lost", {{"why", committed.error().what()}});
  for (const auto& release : std::exchange(held_, {})) release(committed.has_value());
  if (committed && done_) done_();
}

}  // namespace noports::atserver
