// SPDX-License-Identifier: BSD-3-Clause
// The live connections of one session at one end: how many, what they moved, since when there is
// none.
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "noports/base/error.hpp"
#include "noports/bridge/codec.hpp"
#include "noports/bridge/event.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/net/poller.hpp"

namespace noports::bridge {

class Streams {
 public:
  // Each takes two descriptors here and two at the relay; a peer that opens more has gone wild.
  static constexpr std::size_t kMost = 1024;

  // Counts a connection that is being opened, so that the session is not idle meanwhile.
  class Opening {
   public:
    explicit Opening(Streams& streams) : streams_(&streams) { ++streams.opening_; }
    Opening(Opening&& other) noexcept : streams_(std::exchange(other.streams_, nullptr)) {}
    Opening& operator=(Opening&&) = delete;
    ~Opening() {
      if (streams_) streams_->opened();
    }

   private:
    Streams* streams_;
  };

  // What the session carries. The reset of one connection among many is that connection's own, and
  // its application hears of it. Where there is one only, nobody else would say that it broke off.
  enum class Carries { one, many };

  Streams(net::Poller& poller, End end, Carries carries,
          std::function<void(const Error&)> on_trouble);

  // Joins a connection of ours (application or service) with its way through the relay.
  void add(Side ours, Side relay, CodecPair codecs);
  bool is_full() const noexcept { return count() >= kMost; }
  bool is_beyond_limit() const noexcept { return count() > kMost; }  // with those being opened
  asio::awaitable<void> until_room();
  asio::awaitable<void> until_idle(std::chrono::milliseconds span);  // without one for so long
  asio::awaitable<void> until_none();
  bool has_been_idle(std::chrono::milliseconds span) const noexcept;  // for so long up to now
  Summary summary() const noexcept;  // of all, also those that live

 private:
  std::size_t count() const noexcept { return opening_ + pumps_.size(); }
  void opened();
  void changed();
  void over(Stats stats, EndReason reason);
  void tally(Stats stats, Summary& into) const noexcept;

  End end_;
  Carries carries_;
  std::function<void(const Error&)> on_trouble_;
  Summary ended_;  // bytes of connections that have ended; the number counts all
  std::size_t opening_ = 0;
  std::chrono::steady_clock::time_point last_change_ = std::chrono::steady_clock::now();
  Event room_, idle_;
  Pumps pumps_;  // the last member: dies first, and calls nobody any more
};

// What is wrong with a connection that ended so; nothing when that is an ordinary end. Of the only
// connection also: that it was reset, unless it was our side (the pair's first) alone that broke.
std::optional<Error> trouble(EndReason reason, Stats stats, Streams::Carries carries);

}  // namespace noports::bridge
