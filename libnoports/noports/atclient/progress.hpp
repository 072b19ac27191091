// SPDX-License-Identifier: BSD-3-Clause
// How far a stream of notifications has been read: from where to resume it, and which of what is
// sent again has been seen already. Values only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace noports::atclient {

// Times are milliseconds since 1970 on the clock of our atServer, which stamps each notification
// when it stores it. The server, asked to resume at T, sends everything that is strictly later
// (atprotocol-wire.md 3.14); around a reconnect it may send in any order.
class Progress {
 public:
  // How far behind the newest time the stream is resumed: room for notifications that were stored
  // together and sent in another order, and for corrections of the server's clock.
  static constexpr std::int64_t kMargin = 60'000;
  // Ids kept. More than these within the margin, and older ones would no longer be recognised:
  // then the margin shrinks instead.
  static constexpr std::size_t kMost = 8'192;

  // `from`: where to begin. `is_guess` when it is no time that the server has told.
  Progress(std::int64_t from, bool is_guess) : resume_(from), is_guess_(is_guess) {}

  // Whether this one is new; it is not new a second time.
  bool take(std::string_view id, std::int64_t time);
  // The server's time now, from its statistics.
  void tick(std::int64_t time);
  // The server has sent all that it had when the stream was resumed; from now on the newest time
  // counts. Until then a second reconnect resumes where the first did, because old notifications
  // may be on their way behind new ones.
  void settle();

  // For the monitor verb.
  std::int64_t resume_from() const noexcept { return resume_; }
  // The newest time heard, 0 for none: to be kept over a restart of the program.
  std::int64_t newest() const noexcept { return newest_; }
  std::size_t size() const noexcept { return seen_.size(); }

 private:
  void learn(std::int64_t time);
  void advance(std::int64_t time);

  std::int64_t resume_;
  bool is_guess_;
  std::int64_t newest_ = 0;
  // Everything taken that is later than resume_, which is all that the server may send again.
  std::set<std::string, std::less<>> seen_;
  std::multimap<std::int64_t, std::string> by_time_;
};

}  // namespace noports::atclient
