// SPDX-License-Identifier: BSD-3-Clause
// One direction of a pair: read, pass the codec, write; a turn at a time. Knows two descriptors and
// no poller: Pumps tells it what is ready.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "noports/bridge/chunk_pool.hpp"
#include "noports/bridge/codec.hpp"

namespace noports::bridge {

class Direction {
 public:
  enum class State : std::uint8_t {
    open,
    drained,  // the source has ended and everything is written: the sink is to be told
    unread,   // the sink's reader is gone: nothing is moved any more
    reset,    // the source broke
    refused,
    failed,
  };

  static constexpr std::size_t kUnlimited = ~std::size_t{0};

  // The descriptors stay the caller's. `prefix` is the first input. At most `allowance` bytes are
  // written before lift().
  Direction(int from, int to, std::unique_ptr<Codec> codec, std::string prefix,
            std::size_t allowance);

  void may_read() noexcept { readable_ = true; }
  void may_write() noexcept { writable_ = true; }
  // True when that sets bytes free: the next turn writes them.
  bool lift() noexcept { return std::exchange(allowance_, kUnlimited) == 0; }

  // Moves at most about one chunk; true when there is more to do at once, so that others get their
  // turn first (performance.md 3.2, rule 3).
  bool turn(ChunkPool& pool);

  // After a write error other than EPIPE: the sink broke without having ended its own stream.
  bool sink_broke() const noexcept { return sink_broke_; }
  // An end of the source that is found from now on is a break: the system tells an error once, and
  // who wrote to the source has got it.
  void distrust_end() noexcept { distrusts_end_ = true; }

  State state() const noexcept { return state_; }
  std::uint64_t written() const noexcept { return written_; }
  bool holds_chunk() const noexcept { return chunk_ != nullptr; }
  bool has_heard() const noexcept { return heard_; }  // the source has said something

 private:
  std::size_t limit() const noexcept;  // end of the room for input in a chunk
  bool flush();                        // false: unsent bytes remain
  bool transform();                    // true: there is something new to write
  bool fill(ChunkPool& pool);          // false: nothing to read now
  void end_of_source(ChunkPool& pool);
  void accept(const Step& step);
  std::size_t read_some(std::span<std::byte> into);

  std::unique_ptr<Codec> codec_;
  std::string prefix_;
  Chunk chunk_;
  std::span<std::byte> unsent_;      // in chunk_, transformed
  std::size_t begin_ = 0, end_ = 0;  // of what the codec has not taken yet, in chunk_
  std::size_t allowance_;
  std::uint64_t written_ = 0;
  int from_, to_;
  State state_ = State::open;
  bool to_is_socket_;
  bool readable_ = false, writable_ = false;
  bool starved_ = true;  // the codec needs more input than it has
  bool source_ended_ = false, tail_made_ = false, heard_ = false;
  bool sink_broke_ = false, distrusts_end_ = false;
};

}  // namespace noports::bridge
