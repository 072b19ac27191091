// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/peer_trust.hpp"

#include "noports/log/log.hpp"

namespace noports::atserver {
namespace {

net::TlsContext trusting_nobody() {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  context->set_verify_mode(asio::ssl::verify_peer);
  return context;
}

}  // namespace

net::TlsContext peer_context(const net::Trust& trust, const std::filesystem::path& authority) {
  auto context = net::client_context(trust);
  if (context && authority.empty()) return *context;
  if (context) {
    asio::error_code unusable;
    (*context)->load_verify_file(authority.string(), unusable);
    if (unusable) {
      log::error("atserver", "the authority's certificate cannot be read",
                 {{"file", authority.string()}, {"why", unusable.message()}});
    }
    return *context;
  }
  net::Trust alone;
  alone.cert_file = authority;
  auto one = authority.empty() ? net::client_context(trust) : net::client_context(alone);
  if (one) return *one;
  log::error("atserver", "the atServers of other platforms cannot be trusted",
             {{"why", one.error().what()}});
  return trusting_nobody();
}

}  // namespace noports::atserver
