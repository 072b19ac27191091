// SPDX-License-Identifier: BSD-3-Clause
// The load of scripts/bench: a service, and what drives a TCP forwarder in front of it.
//   bench_load serve                        prints its port
//   bench_load up|down PORT BYTES           prints MB/s (10^6 bytes)
//   bench_load ping PORT COUNT SIZE         prints p50, p99 and p99.9 in microseconds
//   bench_load connect PORT COUNT           prints connections per second, one after the other
#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "sockets.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kChunk = 128 * 1024;

// What a connection asks for: 'u' and 'd' a stream of `size` bytes, 'e' an echo of `size` at a
// time.
struct Order {
  char what;
  std::uint64_t size;
};

void send_stream(int fd, std::uint64_t size) {
  const std::vector<char> chunk(kChunk, 'x');
  while (size > 0) {
    const auto now = std::min<std::uint64_t>(size, chunk.size());
    bench::require(bench::send_all(fd, chunk.data(), now), "send");
    size -= now;
  }
}

void receive_stream(int fd, std::uint64_t size) {
  std::vector<char> chunk(kChunk);
  while (size > 0) {
    const auto got = recv(fd, chunk.data(), std::min<std::uint64_t>(size, chunk.size()), 0);
    bench::require(got > 0, "receive");
    size -= static_cast<std::uint64_t>(got);
  }
}

void serve_one(int fd) {
  Order order{};
  if (bench::receive_all(fd, reinterpret_cast<char*>(&order), sizeof order)) {
    if (order.what == 'u') {
      receive_stream(fd, order.size);
      bench::send_all(fd, "k", 1);
    } else if (order.what == 'd') {
      send_stream(fd, order.size);
    } else if (order.what == 'e') {
      std::vector<char> bytes(order.size);
      while (bench::receive_all(fd, bytes.data(), bytes.size()) &&
             bench::send_all(fd, bytes.data(), bytes.size())) {
      }
    }
  }
  close(fd);
}

int open_order(std::uint16_t port, char what, std::uint64_t size) {
  Order order;
  std::memset(&order, 0, sizeof order);
  order.what = what;
  order.size = size;
  const int fd = bench::connect_to(port);
  bench::require(bench::send_all(fd, reinterpret_cast<const char*>(&order), sizeof order), "order");
  return fd;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void stream(std::uint16_t port, bool up, std::uint64_t size) {
  const auto start = Clock::now();
  const int fd = open_order(port, up ? 'u' : 'd', size);
  if (up) {
    char done = 0;
    send_stream(fd, size);
    bench::require(bench::receive_all(fd, &done, 1), "confirmation");
  } else {
    receive_stream(fd, size);
  }
  std::printf("%.1f\n", static_cast<double>(size) / 1e6 / seconds_since(start));
  close(fd);
}

void ping(std::uint16_t port, std::size_t count, std::uint64_t size) {
  const int fd = open_order(port, 'e', size);
  std::vector<char> bytes(size, 'x');
  std::vector<double> micros;
  for (std::size_t i = 0; i < count + 100; ++i) {  // the first hundred warm up
    const auto start = Clock::now();
    bench::require(bench::send_all(fd, bytes.data(), size), "ping");
    bench::require(bench::receive_all(fd, bytes.data(), size), "pong");
    if (i >= 100) micros.push_back(seconds_since(start) * 1e6);
  }
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double part) {
    return micros[static_cast<std::size_t>(part * static_cast<double>(micros.size() - 1))];
  };
  std::printf("%.1f %.1f %.1f\n", at(0.5), at(0.99), at(0.999));
  close(fd);
}

void connections(std::uint16_t port, std::size_t count) {
  const auto start = Clock::now();
  char byte = 'x';
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = open_order(port, 'e', 1);
    bench::require(bench::send_all(fd, &byte, 1) && bench::receive_all(fd, &byte, 1), "echo");
    close(fd);
  }
  std::printf("%.0f\n", static_cast<double>(count) / seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "serve") {
    const int listener = bench::listen_anywhere();
    for (;;) std::thread(serve_one, bench::accept_one(listener)).detach();
  }
  if (argc < 4) return 2;
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  const auto number = std::strtoull(argv[3], nullptr, 10);
  if (what == "up" || what == "down") {
    stream(port, what == "up", number);
  } else if (what == "ping" && argc == 5) {
    ping(port, number, std::strtoull(argv[4], nullptr, 10));
  } else if (what == "connect") {
    connections(port, number);
  } else {
    return 2;
  }
}
