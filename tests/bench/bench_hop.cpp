// SPDX-License-Identifier: BSD-3-Clause
// One plain forwarding hop, the yardstick of scripts/bench: bench_hop TARGET_PORT. Prints its port.
// One thread per direction, blocking calls, 128 KiB a chunk: the simplest thing that is fast.
#include <thread>
#include <vector>

#include "sockets.hpp"

namespace {

constexpr std::size_t kChunk = 128 * 1024;

void copy(int from, int to) {
  std::vector<char> chunk(kChunk);
  for (;;) {
    const auto got = recv(from, chunk.data(), chunk.size(), 0);
    if (got <= 0 || !bench::send_all(to, chunk.data(), static_cast<std::size_t>(got))) break;
  }
  shutdown(to, SHUT_WR);
}

void forward(int from, std::uint16_t port) {
  const int to = bench::connect_to(port);
  std::thread back(copy, to, from);
  copy(from, to);
  back.join();
  close(from);
  close(to);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const int listener = bench::listen_anywhere();
  for (;;) std::thread(forward, bench::accept_one(listener), port).detach();
}
