// SPDX-License-Identifier: BSD-3-Clause
// TLS contexts and handshakes. Chain and host name are always verified; nothing turns that off.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ssl/context.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "noports/base/result.hpp"
#include "noports/net/race.hpp"
#include "noports/net/stream.hpp"

namespace noports::net {

using TlsContext = std::shared_ptr<asio::ssl::context>;

// Where trust comes from. `cert_file`/`cert_dir` are the values of SSL_CERT_FILE and SSL_CERT_DIR
// (read by the program, not here) and replace the system's store; `extra_ca` is added to either.
struct Trust {
  std::optional<std::filesystem::path> cert_file, cert_dir, extra_ca;
};

// TLS 1.2 and 1.3. Without a replacement: OpenSSL's own store, or else the first of the bundle
// paths of cli-and-packaging.md 4.10 that exists. config when a named file cannot be used or no
// trust is found anywhere.
// Reading a whole bundle takes tens of milliseconds: make one context and share it.
Result<TlsContext> client_context(const Trust& trust);

// PEM files. No session tickets (atprotocol-wire.md 1.1).
// config when they cannot be used or do not belong together.
Result<TlsContext> server_context(const std::filesystem::path& chain,
                                  const std::filesystem::path& key);

// Clients that ask for "http/1.1" by ALPN get it (Stream::protocol()); others are served as before.
void accept_http(asio::ssl::context& context);

// Connects, verifies that the certificate is for `host`, a name or a numeric address. A certificate
// that does not verify is `rejected` and says which check failed; other errors are those of dial()
// and `disconnected` when the other side does not speak TLS.
asio::awaitable<Result<std::unique_ptr<Stream>>> dial_tls(TlsContext context, std::string host,
                                                          std::uint16_t port, Deadline deadline);

// Server side of the handshake on an accepted socket. timed_out, or disconnected.
asio::awaitable<Result<std::unique_ptr<Stream>>> accept_tls(TlsContext context, Socket socket,
                                                            Deadline deadline);

}  // namespace noports::net
