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

// Everything that was written to the socket has reached the other machine.
bool is_acknowledged(int fd) noexcept {
  int queued = 0;
  return ::ioctl(fd, TIOCOUTQ, &queued) != 0 || queued == 0;
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
  const bool down_again = down_.turn(host_.pool);
  const bool up_freed = down_.has_heard() && up_.lift();
  const bool down_freed = up_.has_heard() && down_.lift();
  pass_end(up_, b_, up_passed_);
  pass_end(down_, a_, down_passed_);
  if (up_again || up_freed || down_freed) host_.poller.again(a_.in.get());
  if (down_again) host_.poller.again(b_.in.get());
  if (const auto reason = verdict()) host_.on_over(id_, *reason);
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
        break;
    }
  }
  if (up_passed_ && down_passed_) return EndReason::finished;
  return std::nullopt;
}

bool Pair::lift_first_flight() {
  for (auto [sink, direction] : {std::pair(&a_, &down_), std::pair(&b_, &up_)}) {
    if (sink->first_flight == 0) continue;
    if (!is_acknowledged(sink_of(*sink))) return false;
    direction->lift();
  }
  host_.poller.again(a_.in.get());
  return true;
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
