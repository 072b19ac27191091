// SPDX-License-Identifier: BSD-3-Clause
// Readiness of many descriptors for plain objects: the data plane's way to wait. One per loop; the
// loop watches the poller's own descriptor (decisions.md, "Poller"). epoll in poller.cpp, poll in
// poller_portable.cpp.
#pragma once

#include <asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace noports::net {

// Told on the loop's thread. Edge-triggered: act until the call would block, or remember what is
// left and ask for another turn with Poller::again(). An end of stream and an error count as
// readable, an error also as writable. May be told although nothing is new. May watch and forget
// descriptors, destroy itself (after forget) and even the poller.
class Watcher {
 public:
  // Must not throw.
  virtual void ready(int fd, bool readable, bool writable) = 0;

 protected:
  ~Watcher() = default;
};

class Poller {
 public:
  explicit Poller(asio::any_io_executor executor);
  ~Poller();  // nothing may be watched any more
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Watches reading and writing of a non-blocking descriptor that is no asio object's any more;
  // false when the kernel refuses (out of memory or watches) or fd is watched already. A descriptor
  // that can not be waited for, like a file, is always ready: it is told so once, and after
  // again(). The first ready() comes from the loop, never from inside watch().
  bool watch(int fd, Watcher& watcher);
  // After this no ready() comes for fd, not even one that is already due. Call before close(fd);
  // without effect when fd is not watched.
  void forget(int fd) noexcept;
  // Another ready(fd, true, true) in the next turn of the loop, after everybody else had theirs;
  // once, however often it was asked for in between.
  void again(int fd);

  std::size_t size() const noexcept;
  asio::any_io_executor executor() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace noports::net
