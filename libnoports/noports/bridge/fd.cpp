// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/fd.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace noports::bridge {

void Fd::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
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
