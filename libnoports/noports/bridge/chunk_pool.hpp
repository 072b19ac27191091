// SPDX-License-Identifier: BSD-3-Clause
// The buffers of one loop's pumps. Few are in use at a time, because a direction holds one only
// while it has unsent bytes (performance.md 3.2, rule 4).
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace noports::bridge {

// Bytes of a chunk. It stays in the first-level cache while it is deciphered; 64 KiB would cost a
// runt segment for each write on loopback (performance.md 1.2).
inline constexpr std::size_t kChunk = 32 * 1024;

using Chunk = std::unique_ptr<std::byte[]>;

class ChunkPool {
 public:
  Chunk take() {
    if (spare_.empty()) return std::make_unique_for_overwrite<std::byte[]>(kChunk);
    Chunk chunk = std::move(spare_.back());
    spare_.pop_back();
    return chunk;
  }
  void give(Chunk chunk) {
    if (chunk && spare_.size() < kSpare) spare_.push_back(std::move(chunk));
  }

 private:
  static constexpr std::size_t kSpare = 32;  // 1 MiB that a burst leaves behind
  std::vector<Chunk> spare_;
};

}  // namespace noports::bridge
