// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/waiting_line.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace noports::relay {

WaitingLine::Ticket WaitingLine::enter(std::string address) {
  places_.push_back(Place{++last_, std::move(address), false});
  return last_;
}

void WaitingLine::pass(Ticket ticket) {
  for (auto& place : places_) {
    if (place.ticket == ticket) place.passed = true;
  }
}

void WaitingLine::leave(Ticket ticket) {
  places_.remove_if([&](const Place& place) { return place.ticket == ticket; });
}

std::list<WaitingLine::Place>::const_iterator WaitingLine::next() const {
  std::set<std::string_view> busy;  // addresses with somebody still at it
  for (auto place = places_.begin(); place != places_.end(); ++place) {
    if (!place->passed) {
      busy.insert(place->address);
    } else if (!busy.contains(place->address)) {
      return place;
    }
  }
  return places_.end();
}

std::optional<WaitingLine::Ticket> WaitingLine::take() {
  const auto place = next();
  if (place == places_.end()) return std::nullopt;
  const auto ticket = place->ticket;
  places_.erase(place);
  return ticket;
}

std::size_t WaitingLine::unauthenticated() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.end(), [](const Place& p) { return !p.passed; }));
}

std::size_t WaitingLine::unauthenticated_from(const std::string& address) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.end(),
                    [&](const Place& place) { return !place.passed && place.address == address; }));
}

}  // namespace noports::relay
