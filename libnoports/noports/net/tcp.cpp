// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/tcp.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <asio/error.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "noports/base/text.hpp"

namespace noports::net {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

// Keep-alive finds a peer that vanished without a word within 60 + 4 * 15 = 120 s of silence; the
// same bound holds for bytes that are not acknowledged. NAT tables forget after 2 minutes at the
// earliest, so that the first probe also keeps them.
constexpr int kKeepIdle = 60, kKeepInterval = 15, kKeepCount = 4;  // seconds, seconds, probes
[[maybe_unused]] constexpr int kUserTimeout = 120'000;             // milliseconds

// How long accept() leaves the system alone when it is out of descriptors or memory.
constexpr std::chrono::milliseconds kExhaustedPause{100};

// asio has no name for it.
const std::error_code kNotOurAddress(EADDRNOTAVAIL, asio::error::get_system_category());

void set_option(int fd, int level, int name, int value) noexcept {
  setsockopt(fd, level, name, &value, sizeof value);  // an option that is refused is done without
}

Errc errc_of(const std::error_code& code) {
  using namespace asio::error;
  if (code == operation_aborted) return Errc::cancelled;
  if (code == timed_out) return Errc::timed_out;
  if (code == address_in_use || code == access_denied || code == kNotOurAddress ||
      code == no_descriptors || code == no_permission) {
    return Errc::busy;
  }
  return Errc::disconnected;
}

// After these an acceptor will never accept again; all other errors belong to one connection or to
// a shortage that passes (accept(2): network errors of the new socket are reported by accept).
bool is_fatal_for_accept(const std::error_code& code) {
  using namespace asio::error;
  return code == operation_aborted || code == bad_descriptor || code == invalid_argument ||
         code == not_socket || code == operation_not_supported;
}

Result<asio::ip::tcp::endpoint> listen_endpoint(const std::string& address, std::uint16_t port) {
  std::error_code not_numeric;
  const auto numeric = asio::ip::make_address(address, not_numeric);
  if (!not_numeric) return asio::ip::tcp::endpoint(numeric, port);
  if (lower(address) == "localhost") {
    return asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), port);
  }
  return fail(Error(Errc::config, "\"" + printable(address) + "\" is not a numeric address")
                  .hint("give an address like 127.0.0.1, ::1 or 0.0.0.0, or localhost"));
}

Error listen_error(const std::error_code& code, const std::string& where) {
  const std::string doing = "cannot listen on " + where;
  if (code == asio::error::address_in_use) {
    return Error(Errc::busy, doing + ": the port is in use")
        .hint("choose another port, or end the program that uses it");
  }
  if (code == asio::error::access_denied) {
    return Error(Errc::busy, doing + ": permission denied").hint("choose a port above 1023");
  }
  if (code == kNotOurAddress) {
    return Error(Errc::busy, doing + ": the address does not belong to this machine");
  }
  return to_error(code, doing);
}

}  // namespace

void prepare(Socket& socket) noexcept {
  const int fd = socket.native_handle();
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepIdle);
#elif defined(TCP_KEEPALIVE)  // macOS' name for it
  set_option(fd, IPPROTO_TCP, TCP_KEEPALIVE, kKeepIdle);
#endif
#ifdef TCP_KEEPINTVL
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepInterval);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepCount);
#endif
#ifdef TCP_USER_TIMEOUT
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeout);
#endif
}

std::string endpoint_text(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos && host.front() != '[';
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Error to_error(const std::error_code& code, std::string doing) {
  if (code == asio::error::eof)
    doing += ": the other side closed the connection";
  else if (code == asio::error::operation_aborted)
    doing += ": closed on our side";
  else
    doing += ": " + code.message();
  return Error(errc_of(code), std::move(doing));
}

Result<Acceptor> listen(asio::any_io_executor executor, const std::string& address,
                        std::uint16_t port) {
  const auto endpoint = listen_endpoint(address, port);
  if (!endpoint) return fail(endpoint.error());
  const std::string where = endpoint_text(address, port);
  Acceptor acceptor(std::move(executor));
  std::error_code code;
  acceptor.open(endpoint->protocol(), code);
  if (code) return fail(listen_error(code, where));
  fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  acceptor.set_option(Acceptor::reuse_address(true), code);
  if (!code && endpoint->address().is_v6()) {
    // "::" serves IPv4 too, whatever the system's default is.
    acceptor.set_option(asio::ip::v6_only(!endpoint->address().is_unspecified()), code);
  }
  if (!code) acceptor.bind(*endpoint, code);
  if (!code) acceptor.listen(Acceptor::max_listen_connections, code);
  if (code) return fail(listen_error(code, where));
  return acceptor;
}

asio::awaitable<Result<Socket>> accept(Acceptor& acceptor) {
  for (;;) {
    auto [code, socket] = co_await acceptor.async_accept(kTuple);
    if (!code) {
      prepare(socket);
      co_return std::move(socket);
    }
    if (code == asio::error::operation_aborted) co_await checkpoint();
    if (is_fatal_for_accept(code)) co_return fail(to_error(code, "accepting connections"));
    if (code != asio::error::connection_aborted) co_await pause(kExhaustedPause);
  }
}

}  // namespace noports::net
