// SPDX-License-Identifier: BSD-3-Clause
// The bytes of one connection: lines in, whole writes out. A write of its own for each answer and
// each notification, since peers read record by record (atprotocol-wire.md 1.5).
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "noports/base/framer.hpp"
#include "noports/base/result.hpp"
#include "noports/net/race.hpp"
#include "noports/net/stream.hpp"
#include "noports/net/task_group.hpp"

namespace noports::atserver {

class Wire : public std::enable_shared_from_this<Wire> {
 public:
  // Writers run in `tasks`, which outlives the wire.
  Wire(net::TaskGroup& tasks, std::unique_ptr<net::Stream> stream, std::size_t line_limit);

  // The next line. disconnected at the end, bad_syntax when it is too long, timed_out.
  asio::awaitable<Result<std::string>> next_line();
  // When the connection ends, whatever is said on it until then; nothing: never.
  void set_deadline(std::optional<net::Deadline> deadline) noexcept { deadline_ = deadline; }
  const std::optional<net::Deadline>& deadline() const noexcept { return deadline_; }
  // From the next line on.
  void set_line_limit(std::size_t limit);

  // How long a peer may take to finish a line it has begun, and to read an answer; then the
  // connection ends.
  void set_patience(std::chrono::milliseconds patience) noexcept { patience_ = patience; }

  // Queues one write.
  void send(std::string bytes);
  // Between owe() and the writing of what is given to pay(), settled() waits. `until_written` is
  // kept alive as long.
  void owe() noexcept { ++owed_; }
  void pay(std::string bytes, std::shared_ptr<const void> until_written = nullptr);
  std::size_t owed() const noexcept { return owed_; }
  // False when the connection is gone, or its peer has not read in time.
  asio::awaitable<bool> settled();

  std::size_t queued() const noexcept { return queued_; }  // bytes
  // Called when the last queued write is done. Not from inside send().
  void on_drained(std::function<void()> drained) { drained_ = std::move(drained); }

  bool is_closed() const noexcept { return closed_; }
  void close() noexcept;
  const std::string& peer() const noexcept { return stream_->peer(); }

 private:
  struct Item {
    std::string bytes;
    bool owed = false;
    std::shared_ptr<const void> until_written = nullptr;
  };
  void queue(Item item);
  asio::awaitable<Result<void>> write(std::string bytes, bool owed);
  static asio::awaitable<void> write_out(std::shared_ptr<Wire> self);

  net::TaskGroup& tasks_;
  std::unique_ptr<net::Stream> stream_;
  Framer framer_;
  std::size_t line_limit_;
  std::optional<net::Deadline> deadline_;
  std::chrono::milliseconds patience_{60'000};
  std::deque<Item> items_;
  std::size_t queued_ = 0;
  std::size_t owed_ = 0;
  bool writing_ = false;
  bool closed_ = false;
  asio::steady_timer paid_;  // cancelled when nothing is owed any more
  std::function<void()> drained_;
};

}  // namespace noports::atserver
