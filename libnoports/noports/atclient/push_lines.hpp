// SPDX-License-Identifier: BSD-3-Clause
// The lines of a monitor connection. Unlike base/framer it survives a line that is too long: a
// stranger can have one pushed to us, and it would be pushed again after each reconnect.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace noports::atclient {

class PushLines {
 public:
  // `limit` bounds a line in bytes; memory held is at most limit + one feed.
  explicit PushLines(std::size_t limit) : limit_(limit) {}

  void feed(std::string_view bytes);
  // The next whole line without its end; nothing when more bytes are needed.
  std::optional<std::string> next();
  // Lines dropped so far because they were too long.
  std::size_t dropped() const noexcept { return dropped_; }

 private:
  std::size_t limit_;
  std::string buffer_;
  std::size_t start_ = 0;    // of the first line not taken
  std::size_t scanned_ = 0;  // no LF before this position
  bool is_dropping_ = false;
  std::size_t dropped_ = 0;
};

}  // namespace noports::atclient
