// SPDX-License-Identifier: BSD-3-Clause
// Moves bytes between pairs of descriptors, after all talking is done: plain objects over
// net::Poller, by the rules of performance.md 3.2. Used by both ends and by the relay.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "noports/bridge/codec.hpp"
#include "noports/bridge/fd.hpp"
#include "noports/net/poller.hpp"
#include "noports/net/tcp.hpp"

namespace noports::bridge {

// One end of a pair. Owns what it holds; both descriptors become non-blocking in join().
struct Side {
  explicit Side(net::Socket socket) noexcept : in(take_fd(std::move(socket))) {}
  explicit Side(Fd socket) noexcept : in(std::move(socket)) {}
  // Read from one, write to the other: pipes, terminals, files, sockets. SIGPIPE must be ignored.
  Side(Fd read_from, Fd write_to) noexcept : in(std::move(read_from)), out(std::move(write_to)) {}

  Fd in;
  Fd out;  // empty: `in` serves both ways
  // Not 0: so many bytes at most are written to this side at first, because a relay that still
  // reads our auth line counts what comes with it against a limit of 4096 (noports-newer.md 8).
  // Lifted by the first byte from this side, or 50 ms after the join when its machine has
  // acknowledged everything.
  std::size_t first_flight = 0;
};

// What each direction passes; empty: the bytes as they are.
struct Codecs {
  std::unique_ptr<Codec> a_to_b, b_to_a;
};

// Bytes that were read from a side before the join (behind a line of a handshake). They are the
// first input of that direction and pass its codec like the rest.
struct Prefixes {
  std::string from_a, from_b;
};

struct Stats {
  std::uint64_t a_to_b = 0, b_to_a = 0;  // bytes written to the second-named side
  // Which side gave errors; of interest when the pair ended by a reset. Neither: it was given up.
  bool a_broke = false, b_broke = false;
};

enum class EndReason {
  finished,  // both sides ended their streams, and all that they sent was delivered
  reset,     // one side broke the connection, or neither moved; both were reset
  refused,   // a codec did not accept what came: changed on the way, or cut off; both were reset
  failed,    // the system would not move or watch the descriptors; both were reset
  aborted,   // by abort()
};
std::string_view name(EndReason reason) noexcept;  // "finished"

// The pairs of one loop. Memory per pair is constant; a chunk of 32 KiB is held by a direction only
// while it has bytes that its reader has not taken. A side is not read while the other has unsent
// bytes, so back-pressure is TCP's own. An end of stream is passed on as half-close after the last
// byte, a reset as a reset. A side that takes nothing more may still have said something: what it
// sent is delivered, and acknowledged, before the pair ends.
class Pumps {
 public:
  using Id = std::uint64_t;  // never given twice by one Pumps
  // Called once for each pair, from the loop and never from inside join() or abort(), when its
  // descriptors are closed already. It may join or abort others.
  using OnEnd = std::function<void(Stats stats, EndReason reason)>;

  // How long a pair lives on of which one side takes nothing more and the other moves nothing.
  static constexpr std::chrono::milliseconds kPatience{30'000};

  // `poller` outlives it.
  explicit Pumps(net::Poller& poller, std::chrono::milliseconds patience = kPatience);
  // Resets what still lives. No on_end is called any more.
  ~Pumps();
  Pumps(const Pumps&) = delete;
  Pumps& operator=(const Pumps&) = delete;

  // Takes over both sides and moves bytes until both directions have ended. Call it on the loop's
  // thread. A pair that cannot be started ends with EndReason::failed.
  Id join(Side a, Side b, Codecs codecs, Prefixes prefixes, OnEnd on_end);
  // Resets both sides at once and drops what was not delivered. on_end follows from the loop.
  // Nothing happens when the pair has ended.
  void abort(Id id);

  std::size_t size() const noexcept;  // pairs that live
  Stats moved() const noexcept;       // by those that live, up to now

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace noports::bridge
