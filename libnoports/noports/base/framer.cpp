// SPDX-License-Identifier: BSD-3-Clause
#include "noports/base/framer.hpp"

#include <algorithm>
#include <utility>

namespace noports {

Result<std::optional<std::string>> Framer::next() {
  const auto end = buffer_.find('\n', std::max(start_, scanned_));
  const auto length = (end == std::string::npos ? buffer_.size() : end) - start_;
  if (length > limit_) {
    return fail(Errc::bad_syntax, "line longer than " + std::to_string(limit_) + " bytes");
  }
  if (end == std::string::npos) {
    buffer_.erase(0, start_);
    start_ = 0;
    scanned_ = buffer_.size();
    return std::optional<std::string>();
  }
  std::string line = buffer_.substr(start_, length);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  start_ = end + 1;
  scanned_ = start_;
  return std::optional<std::string>(std::move(line));
}

std::string Framer::take_pending() {
  std::string rest = buffer_.substr(start_);
  buffer_.clear();
  start_ = scanned_ = 0;
  return rest;
}

}  // namespace noports
