// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/streams.hpp"

#include <utility>

namespace noports::bridge {
namespace {

Error broken_off() {
  return Error(Errc::disconnected, Hop::relay,
               "the tunnel broke off: not everything may have arrived")
      .hint("try again; if it happens again, choose another relay");
}

}  // namespace

std::optional<Error> trouble(EndReason reason, Stats stats, Streams::Carries carries) {
  const bool is_ours_alone = stats.a_broke && !stats.b_broke;
  switch (reason) {
    case EndReason::refused:
      return Error(Errc::bad_signature, Hop::relay,
                   "a connection ended: its bytes were changed on the way, or cut off")
          .hint("try again; if it happens again, choose another relay");
    case EndReason::failed:
      return Error(Errc::io, "a connection ended: the system refused to move its bytes");
    case EndReason::reset:
      if (carries == Streams::Carries::one && !is_ours_alone) return broken_off();
      break;
    case EndReason::finished:
    case EndReason::aborted:
      break;
  }
  return std::nullopt;
}

Streams::Streams(net::Poller& poller, End end, Carries carries,
                 std::function<void(const Error&)> on_trouble)
    : end_(end),
      carries_(carries),
      on_trouble_(std::move(on_trouble)),
      room_(poller.executor()),
      idle_(poller.executor()),
      pumps_(poller) {}

void Streams::add(Side ours, Side relay, CodecPair codecs) {
  ++ended_.connections;
  Codecs both{std::move(codecs.seal), std::move(codecs.open)};
  pumps_.join(std::move(ours), std::move(relay), std::move(both), {},
              [this](Stats stats, EndReason reason) { over(stats, reason); });
}

void Streams::over(Stats stats, EndReason reason) {
  tally(stats, ended_);
  changed();
  if (const auto error = trouble(reason, stats, carries_)) on_trouble_(*error);
}

void Streams::tally(Stats stats, Summary& into) const noexcept {
  const bool is_client = end_ == End::client;
  into.bytes_up += is_client ? stats.a_to_b : stats.b_to_a;
  into.bytes_down += is_client ? stats.b_to_a : stats.a_to_b;
}

Summary Streams::summary() const noexcept {
  auto all = ended_;
  tally(pumps_.moved(), all);
  return all;
}

void Streams::opened() {
  --opening_;
  changed();
}

void Streams::changed() {
  last_change_ = std::chrono::steady_clock::now();
  room_.notify();
  idle_.notify();
}

asio::awaitable<void> Streams::until_room() {
  while (is_full()) co_await room_.wait();
}

asio::awaitable<void> Streams::until_none() {
  while (count() != 0) co_await idle_.wait();
}

bool Streams::has_been_idle(std::chrono::milliseconds span) const noexcept {
  return count() == 0 && std::chrono::steady_clock::now() >= last_change_ + span;
}

asio::awaitable<void> Streams::until_idle(std::chrono::milliseconds span) {
  for (;;) {
    co_await until_none();
    const auto due = last_change_ + span;
    if (std::chrono::steady_clock::now() >= due) co_return;
    co_await idle_.wait(due);
  }
}

}  // namespace noports::bridge
