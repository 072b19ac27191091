// SPDX-License-Identifier: BSD-3-Clause
// How many connections of a kind may be open: in all, and from one address (or to one atSign).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace noports::atserver {

class Admission {
 public:
  enum class WhenFull {
    refuse,
    // Whoever came first gives up its place. Somebody honest is here for moments, so that a flood
    // of slow or silent connections keeps nobody out who is faster than the flood.
    first_leaves,
  };
  Admission(std::size_t per_address, std::size_t in_all, WhenFull when_full = WhenFull::refuse)
      : per_address_(per_address), in_all_(in_all), when_full_(when_full) {}

  // One place, given back at its end of life.
  class Slot {
   public:
    Slot(Admission& admission, std::string address);
    Slot(Slot&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)),
          address_(std::move(other.address_)),
          end_(std::move(other.end_)),
          number_(other.number_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() { leave(); }
    // The connection is authenticated: it does not count here any more.
    void leave() noexcept;
    // It lost its authentication. It was let in once, so it counts without being asked again.
    void come_back();
    // What ends the connection when its place is given to another; by then the place is gone.
    void on_eviction(std::function<void()> end);
    const std::string& address() const noexcept { return address_; }

   private:
    void take();
    Admission* admission_;
    std::string address_;
    std::function<void()> end_;
    std::uint64_t number_ = 0;  // of the place; what has none is not inside
  };

  // Nothing when there is no place and none is made. `address` names the peer or its network.
  std::optional<Slot> enter(std::string address);

  std::size_t size() const noexcept { return places_.size(); }
  std::size_t evicted() const noexcept { return evicted_; }  // so far
  std::size_t size(const std::string& address) const noexcept;

 private:
  struct Place {
    std::string address;
    std::function<void()> end;
  };
  bool make_room(const std::string& address);
  void evict(std::uint64_t number);
  void give_back(std::uint64_t number) noexcept;

  std::size_t per_address_, in_all_;
  WhenFull when_full_;
  std::uint64_t last_ = 0;
  std::size_t evicted_ = 0;
  std::map<std::uint64_t, Place> places_;  // by number, which is the order of their coming
  std::map<std::string, std::set<std::uint64_t>> by_address_;
};

// Something a stranger can cause as often as it likes, told at most once a minute.
class Rarely {
 public:
  using Clock = std::chrono::steady_clock;
  // It happened: how often since it was told last, this time included; 0 when it is too early.
  std::size_t note(Clock::time_point now);

 private:
  std::size_t count_ = 0;
  std::optional<Clock::time_point> told_;
};

}  // namespace noports::atserver
