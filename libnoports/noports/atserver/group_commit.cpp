// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/group_commit.hpp"

#include <asio/post.hpp>
#include <utility>

#include "noports/log/log.hpp"

namespace noports::atserver {

void GroupCommit::after(Release release) {
  if (held_.empty() && !store_.dirty()) return release(true);
  held_.push_back(std::move(release));
  if (std::exchange(posted_, true)) return;
  // Behind every handler that is ready now: their requests share the transaction.
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->commit();
  });
}

void GroupCommit::commit() {
  posted_ = false;
  const auto committed = store_.commit();
  if (!committed) log::error("atserver", "a batch is lost", {{"why", committed.error().what()}});
  for (const auto& release : std::exchange(held_, {})) release(committed.has_value());
  if (committed && done_) done_();
}

}  // namespace noports::atserver
