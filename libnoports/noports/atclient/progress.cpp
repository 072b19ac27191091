// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/progress.hpp"

#include <algorithm>

namespace noports::atclient {

bool Progress::take(std::string_view id, std::int64_t time) {
  if (seen_.contains(id)) return false;
  learn(time);
  seen_.emplace(id);
  by_time_.emplace(time, id);
  while (seen_.size() > kMost) advance(by_time_.begin()->first);
  return true;
}

void Progress::tick(std::int64_t time) {
  learn(time);
  if (time < newest_ - kMargin) {  // the server's clock was set back
    newest_ = time;
    resume_ = std::min(resume_, time - 1);
  }
}

void Progress::learn(std::int64_t time) {
  newest_ = std::max(newest_, time);
  if (is_guess_) {
    is_guess_ = false;
    // Our clock may be ahead of the server's; its own word counts.
    resume_ = std::min(resume_, time - 1);
  }
}

void Progress::settle() {
  if (newest_ > 0) advance(std::max(resume_, newest_ - kMargin));
}

void Progress::advance(std::int64_t time) {
  resume_ = std::max(resume_, time);
  const auto end = by_time_.upper_bound(time);
  for (auto one = by_time_.begin(); one != end; ++one) seen_.erase(one->second);
  by_time_.erase(by_time_.begin(), end);
}

}  // namespace noports::atclient
