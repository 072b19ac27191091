// SPDX-License-Identifier: BSD-3-Clause
#include "flood.hpp"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>

namespace noports::test {
namespace {

constexpr std::size_t kFromOneAddress = 50;
constexpr std::size_t kAtOnce = 200;      // connections that are begun in one turn at the start
constexpr std::size_t kAgainAtOnce = 20;  // and later, so that this stays a flood of slow ones
constexpr std::chrono::milliseconds kTurn{20};
constexpr std::string_view kNonsense = "GET / HTTP/1.1\r\nHost: nonsense\r\n\r\n";
// The beginning of a ClientHello of 512 bytes.
constexpr std::string_view kHello{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

Flood::Flood(std::vector<std::uint16_t> ports, std::size_t size)
    : ports_(std::move(ports)), peers_(size), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  for (std::size_t i = 0; i < size; ++i) closed_.push_back(i);
  thread_ = std::thread([this] { run(); });
}

Flood::~Flood() {
  stop_ = true;
  thread_.join();
  for (std::size_t i = 0; i < peers_.size(); ++i) drop(i);
  ::close(epoll_);
}

void Flood::run() {
  std::array<epoll_event, 256> events{};
  std::size_t turn = 0;
  auto next = std::chrono::steady_clock::now();
  while (!stop_) {
    const bool is_due = std::chrono::steady_clock::now() >= next;
    const std::size_t now = reached_ < peers_.size() ? kAtOnce : kAgainAtOnce;
    for (std::size_t i = 0; is_due && i < now && !closed_.empty(); ++i) {
      const auto index = closed_.front();
      closed_.pop_front();
      connect(index);
    }
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(kTurn.count()));
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      heard(static_cast<std::size_t>(event.data.u64), event.events);
    }
    if (!is_due) continue;
    next = std::chrono::steady_clock::now() + kTurn;
    // A byte now and then from each of those that are slow.
    for (std::size_t i = turn++ % 64; i < peers_.size(); i += 64) speak(i);
  }
}

void Flood::connect(std::size_t index) {
  auto& peer = peers_[index];
  peer = Peer{-1, false, peer.once, 0};
  peer.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(peer.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const auto from =
      address_of(0x7f000101u + static_cast<std::uint32_t>(index / kFromOneAddress), 0);
  ::bind(peer.fd, reinterpret_cast<const sockaddr*>(&from), sizeof from);
  const auto to = address_of(INADDR_LOOPBACK, ports_[index % ports_.size()]);
  const int done = ::connect(peer.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (peer.fd < 0 || (done != 0 && errno != EINPROGRESS)) return close(index);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = index;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, peer.fd, &event);
}

void Flood::drop(std::size_t index) {
  auto& peer = peers_[index];
  if (peer.fd < 0) return;
  ::close(peer.fd);
  peer.fd = -1;
  if (peer.connected) --open_;
  peer.connected = false;
}

void Flood::close(std::size_t index) {
  drop(index);
  ++reopened_;
  closed_.push_back(index);
}

void Flood::heard(std::size_t index, std::uint32_t events) {
  auto& peer = peers_[index];
  if (peer.fd < 0) return;
  if ((events & EPOLLOUT) != 0 && (events & EPOLLERR) == 0 && !peer.connected) {
    peer.connected = true;
    ++open_;
    if (!peer.once) ++reached_;
    peer.once = true;
    speak(index);
  }
  if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) close(index);
}

void Flood::speak(std::size_t index) {
  auto& peer = peers_[index];
  if (!peer.connected) return;
  const auto kind = index / ports_.size() % 10;
  if (kind == 0 && peer.said == 0) {
    peer.said = kNonsense.size();
    ::send(peer.fd, kNonsense.data(), kNonsense.size(), MSG_NOSIGNAL);
  } else if (kind % 2 == 0 && peer.said < kHello.size()) {
    ::send(peer.fd, &kHello[peer.said++], 1, MSG_NOSIGNAL);
  }
}

std::size_t raise_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_max);
}

}  // namespace noports::test
