// SPDX-License-Identifier: BSD-3-Clause
// Thousands of connections that are no clients: half of them say nothing, four in ten begin a TLS
// handshake byte by byte, one in ten talks nonsense. One that is closed is opened again.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

namespace noports::test {

class Flood {
 public:
  // `size` connections, in turn to each of the ports of 127.0.0.1, from addresses of 127.0.1.0/24
  // and the networks behind it, 50 from each. Works in a thread of its own until destruction.
  Flood(std::vector<std::uint16_t> ports, std::size_t size);
  ~Flood();
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

  // How many connections have been connected at least once, are connected now, and were opened
  // again.
  std::size_t reached() const noexcept { return reached_; }
  std::size_t open() const noexcept { return open_; }
  std::size_t reopened() const noexcept { return reopened_; }

 private:
  struct Peer {
    int fd = -1;
    bool connected = false, once = false;
    std::size_t said = 0;  // bytes
  };
  void run();
  void connect(std::size_t index);
  void close(std::size_t index);
  void drop(std::size_t index);
  void heard(std::size_t index, std::uint32_t events);
  void speak(std::size_t index);

  std::vector<std::uint16_t> ports_;
  std::vector<Peer> peers_;
  std::deque<std::size_t> closed_;  // the longest closed first: each has its turn
  int epoll_ = -1;
  std::atomic<std::size_t> reached_ = 0, open_ = 0, reopened_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Raises the soft limit of descriptors to the hard one, which is returned.
std::size_t raise_descriptors();

}  // namespace noports::test
