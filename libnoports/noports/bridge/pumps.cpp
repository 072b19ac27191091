// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/pumps.hpp"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
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

  Impl(net::Poller& poller, std::chrono::milliseconds patience)
      : host{poller,
             {},
             patience,
             [this](Id id, EndReason reason) { over(id, reason); },
             [this](Id id) { tick_later(id); }},
        timer(poller.executor()) {}

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

  void tick_later(Id id) {
    waiting.push_back(Waiting{std::chrono::steady_clock::now() + kTick, id});
    if (waiting.size() == 1) wait();
  }

  void wait() {
    timer.expires_at(waiting.front().due);
    timer.async_wait([alive = weak_from_this()](const std::error_code& cancelled) {
      const auto self = alive.lock();
      if (self && !cancelled) self->tick();
    });
  }

  void tick() {
    const auto now = std::chrono::steady_clock::now();
    while (!waiting.empty() && waiting.front().due <= now) {
      const auto found = pairs.find(waiting.front().id);
      waiting.pop_front();
      if (found != pairs.end()) found->second->tick();
    }
    if (!waiting.empty()) wait();
  }

  // Long enough for a relay to read the line that is there already, short enough not to be felt.
  static constexpr auto kTick = 50ms;
  struct Waiting {
    std::chrono::steady_clock::time_point due;
    Id id;
  };

  PairHost host;
  std::unordered_map<Id, PairPtr> pairs;
  Id last_id = 0;
  std::deque<Waiting> waiting;  // in the order of their due times
  asio::steady_timer timer;
};

Pumps::Pumps(net::Poller& poller, std::chrono::milliseconds patience)
    : impl_(std::make_shared<Impl>(poller, patience)) {}

Pumps::~Pumps() {
  impl_->timer.cancel();
  impl_->pairs.clear();
}

Pumps::Id Pumps::join(Side a, Side b, Codecs codecs, Prefixes prefixes, OnEnd on_end) {
  const Id id = ++impl_->last_id;
  auto pair = std::make_unique<Pair>(impl_->host, id, std::move(a), std::move(b), std::move(codecs),
                                     std::move(prefixes), std::move(on_end));
  if (!pair->start()) {
    impl_->over_later(std::move(pair), EndReason::failed);
    return id;
  }
  impl_->pairs.emplace(id, std::move(pair));
  return id;
}

void Pumps::abort(Id id) {
  if (auto pair = impl_->remove(id)) impl_->over_later(std::move(pair), EndReason::aborted);
}

Stats Pumps::moved() const noexcept {
  Stats sum;
  for (const auto& [id, pair] : impl_->pairs) {
    const auto stats = pair->stats();
    sum.a_to_b += stats.a_to_b;
    sum.b_to_a += stats.b_to_a;
  }
  return sum;
}

std::size_t Pumps::size() const noexcept { return impl_->pairs.size(); }

}  // namespace noports::bridge
