// SPDX-License-Identifier: BSD-3-Clause
// The twin of poller.cpp for systems without epoll, on asio's own reactor. That one reports levels;
// edges are made of them: a direction that is still ready after its watcher was told is not waited
// for but looked at again after a while, in case the watcher used it up and it became ready anew.
#include <poll.h>

#include <algorithm>
#include <asio/error.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <unordered_map>
#include <utility>
#include <vector>

#include "noports/net/poller.hpp"

namespace noports::net {
namespace {

using Clock = std::chrono::steady_clock;
using Descriptor = asio::posix::stream_descriptor;

// The first look comes soon, for a busy connection must not stall; later ones ever more seldom, for
// an idle connection is always writable and should cost nothing.
constexpr std::chrono::milliseconds kFirstLook{1}, kLastLook{250};

struct Watch {
  Watch(const asio::any_io_executor& executor, int fd_, Watcher& watcher_)
      : descriptor(executor), fd(fd_), watcher(&watcher_) {}

  Descriptor descriptor;
  int fd;
  Watcher* watcher;  // null after forget()
  bool pollable = true;
  bool waits_read = false, waits_write = false;
  bool high_read = false, high_write = false;  // told and still ready
  bool again = false;
  std::chrono::milliseconds delay = kFirstLook;
  Clock::time_point look = Clock::time_point::max();
};
using WatchPtr = std::shared_ptr<Watch>;

short level_of(int fd) noexcept {
  pollfd one = {fd, POLLIN | POLLOUT, 0};
  return ::poll(&one, 1, 0) > 0 ? one.revents : short{0};
}

}  // namespace

struct Poller::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(asio::any_io_executor executor_)
      : executor(std::move(executor_)), timer(executor) {}

  bool watch(int fd, Watcher& watcher);
  void forget(int fd) noexcept;
  void again(int fd);
  void close() noexcept;

  void told(const WatchPtr& watch, bool readable, bool writable);
  void deliver(const WatchPtr& watch, bool readable, bool writable);
  void settle(const WatchPtr& watch);
  void wait(const WatchPtr& watch, bool reading);
  void look_later();
  void look();
  void turn();

  asio::any_io_executor executor;
  std::unordered_map<int, WatchPtr> watches;
  std::unordered_multimap<Watcher*, WatchPtr> by_watcher;
  std::vector<WatchPtr> asked;
  asio::steady_timer timer;
  Clock::time_point timer_due = Clock::time_point::max();
  bool posted = false, closed = false;
};

bool Poller::Impl::watch(int fd, Watcher& watcher) {
  if (fd < 0 || watches.contains(fd)) return false;
  auto watch = std::make_shared<Watch>(executor, fd, watcher);
  std::error_code code;
  watch->descriptor.assign(fd, code);
  watch->pollable = !code;
  if (code && code != asio::error::no_permission) return false;  // EPERM: a file, always ready
  watches.emplace(fd, watch);
  by_watcher.emplace(&watcher, watch);
  if (!watch->pollable) {
    again(fd);
  } else {
    wait(watch, true);
    wait(watch, false);
  }
  return true;
}

void Poller::Impl::forget(int fd) noexcept {
  const auto found = watches.find(fd);
  if (found == watches.end()) return;
  const auto [first, last] = by_watcher.equal_range(found->second->watcher);
  for (auto one = first; one != last; ++one) {
    if (one->second != found->second) continue;
    by_watcher.erase(one);
    break;
  }
  found->second->watcher = nullptr;
  if (found->second->pollable) (void)found->second->descriptor.release();  // fd is its owner's
  watches.erase(found);
  if (!watches.empty()) return;
  timer.cancel();  // the loop may run out of work
  timer_due = Clock::time_point::max();
}

void Poller::Impl::again(int fd) {
  const auto found = watches.find(fd);
  if (found == watches.end() || found->second->again) return;
  found->second->again = true;
  asked.push_back(found->second);
  if (posted) return;
  posted = true;
  asio::post(executor, [self = shared_from_this()] { self->turn(); });
}

void Poller::Impl::close() noexcept {
  closed = true;
  while (!watches.empty()) forget(watches.begin()->first);
}

void Poller::Impl::turn() {
  posted = false;
  for (const auto& watch : std::exchange(asked, {})) {
    if (!watch->watcher || !watch->again || closed) continue;
    told(watch, true, true);
  }
}

// What the reactor or again() has to tell: news, after which its watcher's other descriptors are
// looked at soon, too, because it may have used them up just now.
void Poller::Impl::told(const WatchPtr& watch, bool readable, bool writable) {
  const auto [first, last] = by_watcher.equal_range(watch->watcher);
  for (auto one = first; one != last; ++one) {
    Watch& other = *one->second;
    other.delay = kFirstLook;
    if (other.high_read || other.high_write) other.look = Clock::now() + kFirstLook;
  }
  deliver(watch, readable, writable);
  if (!closed) look_later();
}

void Poller::Impl::deliver(const WatchPtr& watch, bool readable, bool writable) {
  const bool both = std::exchange(watch->again, false);
  watch->watcher->ready(watch->fd, readable || both, writable || both);
  if (watch->watcher) settle(watch);
}

// Waits for what has become unready, and marks what has not for another look.
void Poller::Impl::settle(const WatchPtr& watch) {
  if (!watch->pollable) return;
  const short level = level_of(watch->fd);
  const bool failed = (level & (POLLERR | POLLHUP | POLLNVAL)) != 0;
  watch->high_read = !watch->waits_read && (failed || (level & POLLIN) != 0);
  watch->high_write = !watch->waits_write && (failed || (level & POLLOUT) != 0);
  if (!watch->high_read && !watch->waits_read) wait(watch, true);
  if (!watch->high_write && !watch->waits_write) wait(watch, false);
  const bool high = watch->high_read || watch->high_write;
  watch->look = high ? Clock::now() + watch->delay : Clock::time_point::max();
}

void Poller::Impl::wait(const WatchPtr& watch, bool reading) {
  (reading ? watch->waits_read : watch->waits_write) = true;
  watch->descriptor.async_wait(reading ? Descriptor::wait_read : Descriptor::wait_write,
                               [self = shared_from_this(), watch, reading](const std::error_code&) {
                                 (reading ? watch->waits_read : watch->waits_write) = false;
                                 if (watch->watcher) self->told(watch, reading, !reading);
                               });
}

void Poller::Impl::look_later() {
  auto earliest = Clock::time_point::max();
  for (const auto& [fd, watch] : watches) earliest = std::min(earliest, watch->look);
  if (earliest >= timer_due) return;
  timer_due = earliest;
  timer.expires_at(earliest);
  timer.async_wait([self = shared_from_this()](const std::error_code& code) {
    if (code) return;  // set anew or not needed any more
    self->timer_due = Clock::time_point::max();
    self->look();
  });
}

void Poller::Impl::look() {
  const auto now = Clock::now();
  std::vector<WatchPtr> due;
  for (const auto& [fd, watch] : watches) {
    if (watch->look <= now) due.push_back(watch);
  }
  for (const auto& watch : due) {
    if (!watch->watcher || closed) continue;
    watch->delay = std::min(watch->delay * 2, kLastLook);
    deliver(watch, watch->high_read, watch->high_write);
  }
  if (!closed) look_later();
}

Poller::Poller(asio::any_io_executor executor)
    : impl_(std::make_shared<Impl>(std::move(executor))) {}
Poller::~Poller() { impl_->close(); }

bool Poller::watch(int fd, Watcher& watcher) { return impl_->watch(fd, watcher); }
void Poller::forget(int fd) noexcept { impl_->forget(fd); }
void Poller::again(int fd) { impl_->again(fd); }
std::size_t Poller::size() const noexcept { return impl_->watches.size(); }
asio::any_io_executor Poller::executor() const noexcept { return impl_->executor; }

}  // namespace noports::net
