// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/pumps.hpp"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <unordered_map>

#include "noports/bridge/pair.hpp"

namespace noports::bridge {

using namespace std::chrono_literals;

std::string_view name(EndReason reason) noexcept {
  switch (reason) {
    case EndReason::finished:
      return "finished";
    case EndReason::reset:
      return "reset";
    case EndReason::refused:
      return "refused";
    case EndReason::failed:
      return "failed";
    case EndReason::aborted:
      break;
  }
  return "aborted";
}

struct Pumps::Impl : std::enable_shared_from_this<Impl> {
  using PairPtr = std::unique_ptr<Pair>;

  explicit Impl(net::Poller& poller)
      : host{poller, {}, [this](Id id, EndReason reason) { over(id, reason); }},
        lift_timer(poller.executor()) {}

  // Out of the books first, told last: on_end may do anything, even destroy the Pumps.
  void over(Id id, EndReason reason) {
    const auto self = shared_from_this();
    const auto pair = remove(id);
    if (!pair) return;
    pair->close(reason);
    if (const auto on_end = pair->take_on_end()) on_end(pair->stats(), reason);
  }

  void over_later(PairPtr pair, EndReason reason) {
    pair->close(reason);
    asio::post(host.poller.executor(), [alive = weak_from_this(), stats = pair->stats(),
                                        on_end = pair->take_on_end(), reason] {
      if (on_end && !alive.expired()) on_end(stats, reason);
    });
  }

  PairPtr remove(Id id) {
    const auto found = pairs.find(id);
    if (found == pairs.end()) return nullptr;
    auto pair = std::move(found->second);
    pairs.erase(found);
    return pair;
  }

  void lift_in_time(Id id) {
    held.push_back(Held{std::chrono::steady_clock::now() + kFirstFlightTime, id});
    if (held.size() == 1) wait_to_lift();
  }

  void wait_to_lift() {
    lift_timer.expires_at(held.front().due);
    lift_timer.async_wait([alive = weak_from_this()](const std::error_code& cancelled) {
      const auto self = alive.lock();
      if (self && !cancelled) self->lift_due();
    });
  }

  void lift_due() {
    const auto now = std::chrono::steady_clock::now();
    while (!held.empty() && held.front().due <= now) {
      const auto id = held.front().id;
      held.pop_front();
      const auto found = pairs.find(id);
      if (found != pairs.end() && !found->second->lift_first_flight()) {
        held.push_back(Held{now + kFirstFlightTime, id});
      }
    }
    if (!held.empty()) wait_to_lift();
  }

  // Long enough for a relay to read the line that is there already, short enough not to be felt.
  static constexpr auto kFirstFlightTime = 50ms;
  struct Held {
    std::chrono::steady_clock::time_point due;
    Id id;
  };

  PairHost host;
  std::unordered_map<Id, PairPtr> pairs;
  Id last_id = 0;
  std::deque<Held> held;  // in the order of their due times
  asio::steady_timer lift_timer;
};

Pumps::Pumps(net::Poller& poller) : impl_(std::make_shared<Impl>(poller)) {}

Pumps::~Pumps() {
  impl_->lift_timer.cancel();
  impl_->pairs.clear();
}

Pumps::Id Pumps::join(Side a, Side b, Codecs codecs, Prefixes prefixes, OnEnd on_end) {
  const Id id = ++impl_->last_id;
  const bool is_cautious = a.first_flight != 0 || b.first_flight != 0;
  auto pair = std::make_unique<Pair>(impl_->host, id, std::move(a), std::move(b), std::move(codecs),
                                     std::move(prefixes), std::move(on_end));
  if (!pair->start()) {
    impl_->over_later(std::move(pair), EndReason::failed);
    return id;
  }
  impl_->pairs.emplace(id, std::move(pair));
  if (is_cautious) impl_->lift_in_time(id);
  return id;
}

void Pumps::abort(Id id) {
  if (auto pair = impl_->remove(id)) impl_->over_later(std::move(pair), EndReason::aborted);
}

std::size_t Pumps::size() const noexcept { return impl_->pairs.size(); }

}  // namespace noports::bridge
