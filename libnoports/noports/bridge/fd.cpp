// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/fd.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace noports::bridge {

void Fd::close() noexcept {
  if (fd_ < 0) return;
  if (restores_) ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
  restores_ = false;
  ::close(std::exchange(fd_, -1));
}

bool Fd::set_nonblocking(bool restore_on_close) noexcept {
  const int flags = ::fcntl(fd_, F_GETFL);
  if (flags < 0) return false;
  if (flags & O_NONBLOCK) return true;
  restores_ = restore_on_close;
  return ::fcntl(fd_, F_SETFL, flags | O_NONBLOCK) == 0;
}

void Fd::reset() noexcept {
  if (fd_ < 0) return;
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);  // fails on what is no socket
  close();
}

Fd take_fd(net::Socket socket) noexcept {
  std::error_code ignored;
  return Fd(socket.is_open() ? socket.release(ignored) : -1);
}

}  // namespace noports::bridge
