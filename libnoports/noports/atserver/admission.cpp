// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/admission.hpp"

namespace noports::atserver {

Admission::Slot::Slot(Admission& admission, std::string address)
    : admission_(&admission), address_(std::move(address)) {
  ++admission_->size_;
  ++admission_->by_address_[address_];
}

void Admission::Slot::leave() noexcept {
  if (admission_ == nullptr || !std::exchange(inside_, false)) return;
  --admission_->size_;
  const auto place = admission_->by_address_.find(address_);
  if (--place->second == 0) admission_->by_address_.erase(place);
}

void Admission::Slot::come_back() {
  if (std::exchange(inside_, true)) return;
  ++admission_->size_;
  ++admission_->by_address_[address_];
}

std::optional<Admission::Slot> Admission::enter(std::string address) {
  if (size_ >= in_all_) return std::nullopt;
  const auto place = by_address_.find(address);
  if (place != by_address_.end() && place->second >= per_address_) return std::nullopt;
  return std::optional<Slot>(std::in_place, *this, std::move(address));
}

std::size_t Rarely::note(Clock::time_point now) {
  ++count_;
  if (told_ && now - *told_ < std::chrono::minutes(1)) return 0;
  told_ = now;
  return std::exchange(count_, 0);
}

}  // namespace noports::atserver
