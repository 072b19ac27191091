// SPDX-License-Identifier: BSD-3-Clause
// How many connections of a kind may be open: in all, and from one address (or to one atSign).
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace noports::atserver {

class Admission {
 public:
  Admission(std::size_t per_address, std::size_t in_all)
      : per_address_(per_address), in_all_(in_all) {}

  // One place, given back at its end of life.
  class Slot {
   public:
    Slot(Admission& admission, std::string address);
    Slot(Slot&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)),
          address_(std::move(other.address_)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() { leave(); }
    // The connection is authenticated: it does not count here any more.
    void leave() noexcept;
    // It lost its authentication. It was let in once, so it counts without being asked again.
    void come_back();

   private:
    Admission* admission_;
    std::string address_;
    bool inside_ = true;
  };

  // Nothing when there is no place. `address` names the peer or its network.
  std::optional<Slot> enter(std::string address);

  std::size_t size() const noexcept { return size_; }

 private:
  std::size_t per_address_, in_all_;
  std::size_t size_ = 0;
  std::map<std::string, std::size_t> by_address_;
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
