// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/listener.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <asio/ip/address.hpp>

#include "noports/crypto/random.hpp"
#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

// Above what services use by convention, below where Linux (32768) and IANA (49152) begin with the
// ports of outgoing connections.
constexpr std::uint32_t kFirstPort = 10'240, kEndPort = 32'768;
constexpr int kAttempts = 200;

// An IPv6 peer has a whole /64 of addresses to itself.
std::string network_of(const net::Socket& socket) {
  std::error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  if (gone) return "gone";
  const auto address = endpoint.address();
  if (!address.is_v6() || address.to_v6().is_v4_mapped()) return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes).to_string();
}

// A function that ends the connection from outside: its reader finds the end. It may be called when
// the descriptor belongs to somebody else by now, who then has another peer.
std::function<void()> ender_of(net::Socket& socket) {
  std::error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  if (gone) return nullptr;
  return [fd = socket.native_handle(), peer] {
    asio::ip::tcp::endpoint now;
    auto size = static_cast<socklen_t>(now.capacity());
    if (::getpeername(fd, now.data(), &size) != 0) return;
    now.resize(size);
    if (now == peer) ::shutdown(fd, SHUT_RDWR);
  };
}

}  // namespace

Result<net::Acceptor> listen_anywhere(asio::any_io_executor executor, const std::string& address) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto port = kFirstPort + crypto::random_below(kEndPort - kFirstPort);
    auto acceptor = net::listen(executor, address, static_cast<std::uint16_t>(port));
    if (acceptor) return acceptor;
  }
  return net::listen(executor, address, 0);
}

asio::awaitable<void> accept_all(Services& services, net::TaskGroup& tasks, Admission& admission,
                                 net::Acceptor& acceptor, std::string name, Serve serve) {
  for (;;) {
    auto socket = co_await net::accept(acceptor);
    if (!socket) {
      if (acceptor.is_open()) {
        log::error("atserver", "no more connections are accepted",
                   {{"for", name}, {"why", socket.error().what()}});
      }
      co_return;
    }
    auto network = network_of(*socket);
    const auto evicted = admission.evicted();
    auto slot = admission.enter(network);
    if (!slot || admission.evicted() != evicted) {
      if (const auto times = services.refusals.note(std::chrono::steady_clock::now())) {
        log::warn("atserver", "too many connections are not authenticated; the oldest are ended",
                  {{"times", times}, {"for", name}, {"peer", network}});
      }
    }
    if (!slot) continue;  // the socket closes
    slot->on_eviction(ender_of(*socket));
    tasks.spawn(serve(*std::move(socket), *std::move(slot)));
  }
}

}  // namespace noports::atserver
