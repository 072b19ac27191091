// SPDX-License-Identifier: BSD-3-Clause
// Bytes in, lines out, with a limit: the only place where a stream becomes lines.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"

namespace noports {

class Framer {
 public:
  // `limit` bounds one line without its end, in bytes; memory held is at most limit + one feed.
  explicit Framer(std::size_t limit) : limit_(limit) {}

  void feed(std::string_view bytes) { buffer_.append(bytes); }

  // The next whole line without its LF (a CR before it is dropped too), nothing when more bytes
  // are needed, bad_syntax when the line is longer than the limit. After an error the framer stays
  // in error: the stream has no known position any more.
  Result<std::optional<std::string>> next();

  // What has been fed and is not part of a line taken yet.
  std::string_view pending() const noexcept { return std::string_view(buffer_).substr(start_); }
  // Hands over pending() and empties the framer: bytes behind the last line of a handshake.
  std::string take_pending();

 private:
  std::size_t limit_;
  std::string buffer_;
  std::size_t start_ = 0;    // of the first line not taken
  std::size_t scanned_ = 0;  // no LF before this position
};

}  // namespace noports
