// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/pair.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <utility>

namespace noports::bridge {
namespace {

int sink_of(const Side& side) noexcept { return side.out ? side.out.get() : side.in.get(); }

std::size_t allowance(const Side& sink) noexcept {
  return sink.first_flight == 0 ? Direction::kUnlimited : sink.first_flight;
}

// Of what was written to the socket: not yet acknowledged by the other machine, its end included.
std::uint64_t on_the_way(int fd) noexcept {
  int queued = 0;
  return ::ioctl(fd, TIOCOUTQ, &queued) == 0 ? static_cast<std::uint64_t>(queued) : 0;
}

bool has_error(int fd) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0;
}

}  // namespace

Pair::Pair(PairHost& host, Pumps::Id id, Side a, Side b, Codecs codecs, Prefixes prefixes,
           Pumps::OnEnd on_end)
    : host_(host),
      id_(id),
      a_(std::move(a)),
      b_(std::move(b)),
      up_(a_.in.get(), sink_of(b_), std::move(codecs.a_to_b), std::move(prefixes.from_a),
          allowance(b_)),
      down_(b_.in.get(), sink_of(a_), std::move(codecs.b_to_a), std::move(prefixes.from_b),
            allowance(a_)),
      on_end_(std::move(on_end)) {}

Pair::~Pair() { close(EndReason::aborted); }

bool Pair::start() {
  if (!a_.in || !b_.in) return false;
  watched_ = true;
  for (auto* fd : {&a_.in, &a_.out, &b_.in, &b_.out}) {
    if (*fd && !(fd->set_nonblocking() && host_.poller.watch(fd->get(), *this))) return false;
  }
  if (a_.first_flight != 0 || b_.first_flight != 0) ask_for_tick();
  // Prefixes are there without any event.
  host_.poller.again(a_.in.get());
  return true;
}

void Pair::ready(int fd, bool readable, bool writable) {
  if (readable && fd == a_.in.get()) up_.may_read();
  if (readable && fd == b_.in.get()) down_.may_read();
  if (writable && fd == sink_of(b_)) up_.may_write();
  if (writable && fd == sink_of(a_)) down_.may_write();

  const bool up_again = up_.turn(host_.pool);
  if (up_.sink_broke()) down_.distrust_end();
  const bool down_again = down_.turn(host_.pool);
  if (down_.sink_broke()) up_.distrust_end();
  const bool up_freed = down_.has_heard() && up_.lift();
  const bool down_freed = up_.has_heard() && down_.lift();
  pass_end(up_, b_, up_passed_);
  pass_end(down_, a_, down_passed_);
  if (up_again || up_freed || down_freed) host_.poller.again(a_.in.get());
  if (down_again) host_.poller.again(b_.in.get());
  conclude();
}

void Pair::tick() {
  waits_ = false;
  if (!lift_first_flight()) ask_for_tick();
  conclude();
}

void Pair::ask_for_tick() {
  if (!std::exchange(waits_, true)) host_.on_wait(id_);
}

void Pair::conclude() {
  const bool is_one_way =
      (up_.state() == Direction::State::unread) != (down_.state() == Direction::State::unread);
  const auto reason = is_one_way ? one_way_verdict() : verdict();
  if (reason) return host_.on_over(id_, *reason);
  if (is_one_way) ask_for_tick();
}

// One direction has lost its reader, the other runs to its end. Its sink is not closed before it
// has everything: bytes that nobody reads any more may lie in that socket, and closing it over them
// would throw away what is still to be sent.
std::optional<EndReason> Pair::one_way_verdict() {
  const bool is_up = down_.state() == Direction::State::unread;
  const auto& alive = is_up ? up_ : down_;
  const int sink = sink_of(is_up ? b_ : a_);
  const auto queued = on_the_way(sink);
  const auto reason = verdict();
  if (reason && queued == 0) return reason;
  if (reason == EndReason::refused || reason == EndReason::failed) return reason;
  const auto now = std::chrono::steady_clock::now();
  if (const auto arrived = alive.written() - queued; arrived != arrived_) {
    arrived_ = arrived;
    arrived_at_ = now;
  }
  if (now - arrived_at_ >= host_.patience || has_error(sink)) return EndReason::reset;
  return std::nullopt;
}

void Pair::pass_end(const Direction& direction, Side& sink, bool& passed) noexcept {
  if (passed || direction.state() != Direction::State::drained) return;
  passed = true;
  ::shutdown(sink_of(sink), SHUT_WR);  // pipes and terminals: closing says it
  if (!sink.out) return;
  host_.poller.forget(sink.out.get());
  sink.out.close();
}

std::optional<EndReason> Pair::verdict() const noexcept {
  for (const auto* direction : {&up_, &down_}) {
    switch (direction->state()) {
      case Direction::State::reset:
        return EndReason::reset;
      case Direction::State::refused:
        return EndReason::refused;
      case Direction::State::failed:
        return EndReason::failed;
      case Direction::State::open:
      case Direction::State::drained:
      case Direction::State::unread:
        break;
    }
  }
  const bool up_unread = up_.state() == Direction::State::unread;
  const bool down_unread = down_.state() == Direction::State::unread;
  if (up_unread && down_unread) return EndReason::reset;
  if ((up_passed_ || up_unread) && (down_passed_ || down_unread)) return EndReason::finished;
  return std::nullopt;
}

bool Pair::lift_first_flight() {
  for (auto [sink, direction] : {std::pair(&a_, &down_), std::pair(&b_, &up_)}) {
    if (sink->first_flight == 0) continue;
    if (on_the_way(sink_of(*sink)) != 0) return false;
    sink->first_flight = 0;
    direction->lift();
    host_.poller.again(a_.in.get());
  }
  return true;
}

Stats Pair::stats() const noexcept {
  using State = Direction::State;
  Stats made{up_.written(), down_.written()};
  made.a_broke = up_.state() == State::reset || down_.state() == State::unread;
  made.b_broke = down_.state() == State::reset || up_.state() == State::unread;
  return made;
}

void Pair::forget_all() noexcept {
  if (!watched_) return;
  watched_ = false;
  for (const auto* fd : {&a_.in, &a_.out, &b_.in, &b_.out}) {
    if (*fd) host_.poller.forget(fd->get());
  }
}

void Pair::close(EndReason reason) noexcept {
  forget_all();
  for (auto* fd : {&a_.in, &a_.out, &b_.in, &b_.out}) {
    if (reason == EndReason::finished)
      fd->close();
    else
      fd->reset();
  }
}

}  // namespace noports::bridge
