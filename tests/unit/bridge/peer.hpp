// SPDX-License-Identifier: BSD-3-Clause
// The outer ends of a pair under test: plain descriptors that a test reads and writes by hand, and
// what the process holds open.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "noports/bridge/fd.hpp"
#include "noports/net/tcp.hpp"

namespace noports::test {

using bridge::Fd;

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder)) ++count;
  ::closedir(folder);
  return count;
}

// Both ends of a TCP connection over loopback.
inline std::pair<Fd, Fd> tcp_pair() {
  asio::io_context loop;
  auto acceptor = net::listen(loop.get_executor(), "127.0.0.1", 0);
  net::Socket client(loop), server(loop);
  client.connect(acceptor->local_endpoint());
  acceptor->accept(server);
  net::prepare(client);
  net::prepare(server);
  std::pair<Fd, Fd> fds(bridge::take_fd(std::move(client)), bridge::take_fd(std::move(server)));
  return fds;
}

inline std::pair<Fd, Fd> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) std::abort();
  return {Fd(fds[0]), Fd(fds[1])};
}

// Without it the kernel lets buffers grow to tens of megabytes on loopback.
inline void fix_buffers(const Fd& fd, int bytes) {
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

// Both ends of a local socket that takes a few kilobytes at a time. (TCP with such buffers waits
// for its timers.)
inline std::pair<Fd, Fd> tiny_pair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) std::abort();
  std::pair<Fd, Fd> made{Fd(fds[0]), Fd(fds[1])};
  fix_buffers(made.first, 4096);
  fix_buffers(made.second, 4096);
  return made;
}

// What an application or a service would be: says its text, then ends; listens until the end.
class Peer {
 public:
  explicit Peer(Fd fd) : fd_(std::move(fd)) { fd_.set_nonblocking(); }

  void say(std::string text) { to_say_ += text; }
  void end() { ends_ = true; }  // half-close after what is to be said
  void reset() { fd_.reset(); }
  void close() { fd_.close(); }
  void pause() { paused_ = true; }
  void resume() { paused_ = false; }

  // Does what can be done now.
  Peer& turn() {
    if (!fd_) return *this;
    talk();
    if (!paused_ && !has_heard_reset_ && !has_heard_end) listen();
    return *this;
  }
  int descriptor() const { return fd_.get(); }
  std::size_t unsaid() const { return to_say_.size() - said_; }

  std::string heard;
  bool has_heard_end = false, was_reset = false;

 private:
  void talk() {
    while (unsaid() != 0) {
      const auto n = ::send(fd_.get(), to_say_.data() + said_, unsaid(), MSG_NOSIGNAL);
      if (n < 0) {
        was_reset |= errno == ECONNRESET || errno == EPIPE;
        return;
      }
      said_ += static_cast<std::size_t>(n);
    }
    if (ends_) ::shutdown(fd_.get(), SHUT_WR);  // no effect on a pipe
    ends_ = false;
  }
  void listen() {
    std::array<char, 65536> bytes;
    for (;;) {
      const auto n = ::read(fd_.get(), bytes.data(), bytes.size());
      if (n > 0) heard.append(bytes.data(), static_cast<std::size_t>(n));
      if (n == 0) has_heard_end = true;
      if (n < 0) has_heard_reset_ = errno == ECONNRESET;
      was_reset |= has_heard_reset_;
      if (n <= 0) return;
    }
  }

  Fd fd_;
  std::string to_say_;
  std::size_t said_ = 0;
  bool ends_ = false, paused_ = false, has_heard_reset_ = false;
};

// Bytes that tell when one is lost, doubled or moved.
inline std::string pattern(std::size_t size, unsigned seed = 1) {
  std::string text(size, '\0');
  unsigned state = seed * 2654435761u + 1;
  for (auto& c : text) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

}  // namespace noports::test
