// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/push_lines.hpp"

namespace noports::atclient {

void PushLines::feed(std::string_view bytes) {
  buffer_.erase(0, start_);
  scanned_ -= start_;
  start_ = 0;
  if (is_dropping_) {
    const auto end = bytes.find('\n');
    if (end == bytes.npos) return;
    bytes.remove_prefix(end + 1);
    is_dropping_ = false;
  }
  buffer_.append(bytes);
}

std::optional<std::string> PushLines::next() {
  for (;;) {
    const auto end = buffer_.find('\n', scanned_);
    const auto size = (end == buffer_.npos ? buffer_.size() : end) - start_;
    if (size > limit_) {
      ++dropped_;
      is_dropping_ = end == buffer_.npos;
      start_ = scanned_ = is_dropping_ ? buffer_.size() : end + 1;
      continue;
    }
    if (end == buffer_.npos) {
      scanned_ = buffer_.size();
      return std::nullopt;
    }
    auto line = buffer_.substr(start_, size);
    start_ = scanned_ = end + 1;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }
}

}  // namespace noports::atclient
