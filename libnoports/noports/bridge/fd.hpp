// SPDX-License-Identifier: BSD-3-Clause
// The owner of one descriptor.
#pragma once

#include <utility>

#include "noports/net/tcp.hpp"

namespace noports::bridge {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}  // takes it over; -1 is "none"
  Fd(Fd&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), restores_(std::exchange(other.restores_, false)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
      restores_ = std::exchange(other.restores_, false);
    }
    return *this;
  }
  ~Fd() { close(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }
  // Non-blocking from now on; false when the system refuses. The setting belongs to the open file,
  // not to the descriptor: what other programs share (a terminal, a pipe of the shell) is given
  // back as it was when it is closed here.
  bool set_nonblocking(bool restore_on_close = false) noexcept;
  void close() noexcept;
  // Closes a TCP socket so that its peer sees a reset instead of an end of stream.
  void reset() noexcept;

 private:
  int fd_ = -1;
  bool restores_ = false;
};

// Takes the descriptor out of asio's hands; operations in flight on the socket are cancelled.
Fd take_fd(net::Socket socket) noexcept;

}  // namespace noports::bridge
