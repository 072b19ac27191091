// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <asio/error.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/address.hpp>
#include <asio/ssl/error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "noports/base/text.hpp"

namespace noports::net {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

// OpenSSL checks the name together with the chain, so that its verdict names either.
bool expect_host(SSL* ssl, std::string host) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
  std::error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  if (!not_numeric) return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
}

std::string_view advice(long verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "check the clock of this machine and the server's certificate";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "use the name that the certificate was issued for";
    default:
      return "if the server's authority is your own, name its certificate with --ca-file";
  }
}

// Each name has its length in front (RFC 7301, 3.1). What is not chosen here is not refused: most
// peers of the atProtocol say nothing of a protocol, some say names of their own.
int choose_http(SSL*, const unsigned char** chosen, unsigned char* length,
                const unsigned char* offered, unsigned int size, void*) {
  static constexpr std::string_view kHttp = "http/1.1";
  for (unsigned int at = 0; at < size; at += 1u + offered[at]) {
    const std::size_t end = at + 1u + offered[at];
    if (end > size) break;
    const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
    if (name != kHttp) continue;
    *chosen = offered + at + 1;
    *length = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

bool is_end(const std::error_code& code) {
  return code == asio::error::eof || code == asio::ssl::error::stream_truncated ||
         code == asio::error::connection_reset || code == asio::error::broken_pipe;
}

Error handshake_error(SSL* ssl, const std::error_code& code, const std::string& where) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) {
    return Error(Errc::rejected, "the certificate of " + where +
                                     " is not trusted: " + X509_verify_cert_error_string(verdict))
        .hint(advice(verdict));
  }
  const std::string doing = "TLS handshake with " + where;
  if (is_end(code)) {
    return Error(Errc::disconnected, doing + ": the other side closed the connection");
  }
  return Error(Errc::disconnected, doing + ": " + code.message());
}

asio::awaitable<Result<void>> shake_hands(Stream::Tls& tls,
                                          asio::ssl::stream_base::handshake_type side,
                                          std::string where) {
  const auto [code] = co_await tls.async_handshake(side, kTuple);
  if (!code) co_return Result<void>();
  if (code == asio::error::operation_aborted) co_await checkpoint();
  co_return fail(handshake_error(tls.native_handle(), code, where));
}

asio::awaitable<Result<std::unique_ptr<Stream>>> secure(Stream::Tls tls,
                                                        asio::ssl::stream_base::handshake_type side,
                                                        std::string where, Deadline deadline) {
  auto done = co_await before(deadline, shake_hands(tls, side, where));
  if (!done && done.error().code() == Errc::timed_out) {
    co_return fail(std::move(done).error().during("TLS handshake with " + where));
  }
  if (!done) co_return fail(std::move(done).error());
  co_return std::make_unique<Stream>(std::move(tls));
}

}  // namespace

void accept_http(asio::ssl::context& context) {
  SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_http, nullptr);
}

asio::awaitable<Result<std::unique_ptr<Stream>>> dial_tls(TlsContext context, std::string host,
                                                          std::uint16_t port, Deadline deadline) {
  auto socket = co_await dial(host, port, deadline);
  if (!socket) co_return fail(std::move(socket).error());
  const std::string where = endpoint_text(printable(host), port);
  Stream::Tls tls(*std::move(socket), *context);
  if (!expect_host(tls.native_handle(), host)) {
    co_return fail(Errc::config, "\"" + printable(host) + "\" cannot be the name of a server");
  }
  co_return co_await secure(std::move(tls), asio::ssl::stream_base::client, where, deadline);
}

namespace {

// How many bytes are there to read, at most `wanted`; they stay. 0 at the end and after an error.
std::size_t peek(Socket& socket, unsigned char* bytes, std::size_t wanted) {
  const auto got = ::recv(socket.native_handle(), bytes, wanted, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

// Until so many bytes are there, or the peer has ended. Elsewhere than on Linux perhaps earlier.
asio::awaitable<Result<void>> wait_for_bytes(Socket& socket, std::size_t count) {
  const int low_water = static_cast<int>(count);
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water);
  const auto [code] = co_await socket.async_wait(Socket::wait_read, kTuple);
  if (!code) co_return Result<void>();
  co_await checkpoint();
  co_return fail(to_error(code, "waiting for a TLS handshake"));
}

// The whole of the first TLS record (RFC 8446, 5.1), which is left in the socket: a connection
// costs a hundred kilobytes from the handshake on, and two before it. A peer that says nothing,
// says it slowly or says something else gets no further.
asio::awaitable<Result<void>> wait_for_hello(Socket& socket) {
  constexpr std::size_t kHeader = 5, kLongest = 16'384;
  constexpr unsigned char kHandshake = 22, kMajor = 3;
  auto ready = co_await wait_for_bytes(socket, kHeader);
  if (!ready) co_return ready;
  std::array<unsigned char, kHeader> header = {};
  const auto got = peek(socket, header.data(), header.size());
  const std::size_t length = header[3] * 256u + header[4];
  if (got == 0) co_return fail(Errc::disconnected, "the peer has closed the connection");
  const bool is_tls = header[0] == kHandshake && (got < 2 || header[1] == kMajor);
  if (!is_tls || length > kLongest) co_return fail(Errc::disconnected, "the peer speaks no TLS");
  if (got == kHeader) ready = co_await wait_for_bytes(socket, kHeader + length);
  const int usual = 1;
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVLOWAT, &usual, sizeof usual);
  co_return ready;
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<Stream>>> accept_tls(TlsContext context, Socket socket,
                                                            Deadline deadline) {
  std::error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  const std::string where =
      gone ? "unknown" : endpoint_text(peer.address().to_string(), peer.port());
  auto hello = co_await before(deadline, wait_for_hello(socket));
  if (!hello) co_return fail(std::move(hello).error().during("TLS handshake with " + where));
  Stream::Tls tls(std::move(socket), *context);
  co_return co_await secure(std::move(tls), asio::ssl::stream_base::server, where, deadline);
}

}  // namespace noports::net
