// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/admission.hpp"

namespace noports::atserver {

Admission::Slot::Slot(Admission& admission, std::string address)
    : admission_(&admission), address_(std::move(address)) {
  take();
}

void Admission::Slot::take() {
  number_ = ++admission_->last_;
  admission_->by_address_[address_].insert(number_);
  admission_->places_.emplace(number_, Place{address_, end_});
}

void Admission::Slot::leave() noexcept {
  if (admission_ != nullptr) admission_->give_back(std::exchange(number_, 0));
}

void Admission::Slot::come_back() {
  if (!admission_->places_.contains(number_)) take();
}

void Admission::Slot::on_eviction(std::function<void()> end) {
  end_ = std::move(end);
  const auto place = admission_->places_.find(number_);
  if (place != admission_->places_.end()) place->second.end = end_;
}

void Admission::give_back(std::uint64_t number) noexcept {
  const auto place = places_.find(number);
  if (place == places_.end()) return;
  const auto neighbours = by_address_.find(place->second.address);
  neighbours->second.erase(number);
  if (neighbours->second.empty()) by_address_.erase(neighbours);
  places_.erase(place);
}

void Admission::evict(std::uint64_t number) {
  const auto end = std::move(places_.at(number).end);
  give_back(number);
  ++evicted_;
  if (end) end();
}

bool Admission::make_room(const std::string& address) {
  const auto neighbours = by_address_.find(address);
  const bool is_full_here =
      neighbours != by_address_.end() && neighbours->second.size() >= per_address_;
  if (!is_full_here && places_.size() < in_all_) return true;
  if (when_full_ == WhenFull::refuse) return false;
  evict(is_full_here ? *neighbours->second.begin() : places_.begin()->first);
  return true;
}

std::optional<Admission::Slot> Admission::enter(std::string address) {
  if (!make_room(address)) return std::nullopt;
  return std::optional<Slot>(std::in_place, *this, std::move(address));
}

std::size_t Admission::size(const std::string& address) const noexcept {
  const auto place = by_address_.find(address);
  return place == by_address_.end() ? 0 : place->second.size();
}

std::size_t Rarely::note(Clock::time_point now) {
  ++count_;
  if (told_ && now - *told_ < std::chrono::minutes(1)) return 0;
  told_ = now;
  return std::exchange(count_, 0);
}

}  // namespace noports::atserver
