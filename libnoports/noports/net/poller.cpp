// SPDX-License-Identifier: BSD-3-Clause
// epoll, edge-triggered. Its portable twin is poller_portable.cpp.
#include "noports/net/poller.hpp"

#include <sys/epoll.h>

#include <array>
#include <asio/error.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace noports::net {
namespace {

// Large enough that a busy relay asks the kernel seldom, small enough that timers and the control
// channel, which wait for the end of a turn, do not notice.
constexpr std::size_t kBatch = 256;

// A descriptor's number alone does not say whose event it is: it may have been closed and given
// again between the kernel's answer and our coming to it.
struct Key {
  std::uint32_t fd, generation;
  std::uint64_t packed() const noexcept { return std::uint64_t{generation} << 32 | fd; }
  static Key unpack(std::uint64_t data) noexcept {
    return Key{static_cast<std::uint32_t>(data), static_cast<std::uint32_t>(data >> 32)};
  }
};

struct Entry {
  Watcher* watcher = nullptr;
  std::uint32_t generation = 0;  // counts forget()
  std::uint32_t served = 0;      // the turn in which it was told last
  bool again = false;            // asked for another turn
  bool in_epoll = false;
};

int new_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
  return fd;
}

}  // namespace

struct Poller::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(asio::any_io_executor executor_)
      : executor(std::move(executor_)), epoll(executor, new_epoll()) {}

  bool watch(int fd, Watcher& watcher);
  void forget(int fd) noexcept;
  void again(int fd);
  void close() noexcept;

  void turn();
  void deliver(Key key, bool readable, bool writable);
  void deliver_event(const epoll_event& event);
  void deliver_asked();
  void rearm(bool more);
  void post_turn();
  void wait();

  Entry* current(Key key) noexcept {
    Entry& entry = entries[key.fd];
    return entry.watcher && entry.generation == key.generation ? &entry : nullptr;
  }

  asio::any_io_executor executor;
  asio::posix::stream_descriptor epoll;
  std::vector<Entry> entries;  // by descriptor
  std::vector<Key> asked;      // again(), for the next turn
  std::vector<Key> due;        // those of them whose turn it is
  std::array<epoll_event, kBatch> events;
  std::size_t count = 0;
  std::uint32_t number = 0;  // of the current turn
  bool in_turn = false, posted = false, waiting = false, closed = false;
};

bool Poller::Impl::watch(int fd, Watcher& watcher) {
  if (fd < 0) return false;
  const auto at = static_cast<std::size_t>(fd);
  if (entries.size() <= at) entries.resize(at + 1);
  Entry& entry = entries[at];
  if (entry.watcher) return false;
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = Key{static_cast<std::uint32_t>(fd), entry.generation}.packed();
  entry.in_epoll = epoll_ctl(epoll.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
  if (!entry.in_epoll && errno != EPERM) return false;  // EPERM: a file, always ready
  entry.watcher = &watcher;
  entry.served = number - 1;
  ++count;
  if (!entry.in_epoll) again(fd);
  if (!in_turn) rearm(false);
  return true;
}

void Poller::Impl::forget(int fd) noexcept {
  if (fd < 0 || static_cast<std::size_t>(fd) >= entries.size()) return;
  Entry& entry = entries[static_cast<std::size_t>(fd)];
  if (!entry.watcher) return;
  if (entry.in_epoll) epoll_ctl(epoll.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  entry.watcher = nullptr;
  entry.again = false;
  ++entry.generation;
  std::error_code ignored;
  if (--count == 0 && waiting) epoll.cancel(ignored);  // the loop may run out of work
}

void Poller::Impl::again(int fd) {
  if (fd < 0 || static_cast<std::size_t>(fd) >= entries.size()) return;
  Entry& entry = entries[static_cast<std::size_t>(fd)];
  if (!entry.watcher || entry.again) return;
  asked.push_back(Key{static_cast<std::uint32_t>(fd), entry.generation});
  entry.again = true;
  if (!in_turn) post_turn();
}

void Poller::Impl::close() noexcept {
  closed = true;
  std::error_code ignored;
  epoll.close(ignored);
}

// Everything that is ready now, at most a batch, then those that asked for another turn earlier.
void Poller::Impl::turn() {
  if (closed) return;
  in_turn = true;
  ++number;
  due.swap(asked);
  const int ready = epoll_wait(epoll.native_handle(), events.data(), kBatch, 0);
  for (int i = 0; i < ready && !closed; ++i) deliver_event(events[static_cast<std::size_t>(i)]);
  deliver_asked();
  in_turn = false;
  if (!closed) rearm(ready == static_cast<int>(kBatch));
}

void Poller::Impl::deliver_event(const epoll_event& event) {
  const Key key = Key::unpack(event.data.u64);
  const Entry* entry = current(key);
  if (!entry) return;  // forgotten earlier in this turn
  const bool failed = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
  const bool readable = failed || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0;
  const bool writable = failed || (event.events & EPOLLOUT) != 0;
  deliver(key, readable || entry->again, writable || entry->again);
}

void Poller::Impl::deliver_asked() {
  for (std::size_t i = 0; i < due.size() && !closed; ++i) {
    const Entry* entry = current(due[i]);
    // One that was told in this turn already has its wish, or has a newer one in `asked`.
    if (entry && entry->again && entry->served != number) deliver(due[i], true, true);
  }
  due.clear();
}

// Touches nothing of the entry after ready(), which may do anything.
void Poller::Impl::deliver(Key key, bool readable, bool writable) {
  Entry& entry = entries[key.fd];
  entry.again = false;
  entry.served = number;
  entry.watcher->ready(static_cast<int>(key.fd), readable, writable);
}

// The next turn comes through the loop's queue in either case, so that others get theirs between.
void Poller::Impl::rearm(bool more) {
  if (more || !asked.empty()) {
    post_turn();
  } else if (count > 0 && !waiting) {
    wait();
  }
}

void Poller::Impl::post_turn() {
  if (posted) return;
  posted = true;
  asio::post(executor, [self = shared_from_this()] {
    self->posted = false;
    self->turn();
  });
}

void Poller::Impl::wait() {
  waiting = true;
  epoll.async_wait(asio::posix::stream_descriptor::wait_read,
                   [self = shared_from_this()](const std::error_code& code) {
                     self->waiting = false;
                     if (self->closed) return;
                     if (code) return self->rearm(false);  // cancelled because none was watched
                     self->turn();
                   });
}

Poller::Poller(asio::any_io_executor executor)
    : impl_(std::make_shared<Impl>(std::move(executor))) {}
Poller::~Poller() { impl_->close(); }

bool Poller::watch(int fd, Watcher& watcher) { return impl_->watch(fd, watcher); }
void Poller::forget(int fd) noexcept { impl_->forget(fd); }
void Poller::again(int fd) { impl_->again(fd); }
std::size_t Poller::size() const noexcept { return impl_->count; }
asio::any_io_executor Poller::executor() const noexcept { return impl_->executor; }

}  // namespace noports::net
