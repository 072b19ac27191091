// SPDX-License-Identifier: BSD-3-Clause
// The sockets of one side that wait for a partner, in the order in which they were accepted. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>

namespace noports::relay {

// Both ends of a session open their sockets in one order, and a partner is found by that order
// alone (noports-newer.md 5.4). So whoever has authenticated waits for those who were accepted
// before and are still at it. Only for those from the same address, though: a stranger who connects
// and says nothing holds up nobody.
class WaitingLine {
 public:
  using Ticket = std::uint64_t;

  Ticket enter(std::string address);  // accepted, not yet authenticated
  void pass(Ticket ticket);           // authenticated
  void leave(Ticket ticket);          // failed, or gone
  // The next one to be joined, which leaves the line with it.
  std::optional<Ticket> take();
  // Whether take() would give one.
  bool is_ready() const { return next() != places_.end(); }

  std::size_t size() const noexcept { return places_.size(); }
  std::size_t unauthenticated() const noexcept;
  std::size_t unauthenticated_from(const std::string& address) const noexcept;

 private:
  struct Place {
    Ticket ticket;
    std::string address;
    bool passed = false;
  };
  std::list<Place>::const_iterator next() const;

  Ticket last_ = 0;
  std::list<Place> places_;
};

}  // namespace noports::relay
