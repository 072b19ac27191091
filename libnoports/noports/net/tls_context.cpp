// SPDX-License-Identifier: BSD-3-Clause
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <asio/ssl/error.hpp>
#include <cctype>
#include <string_view>

#include "noports/net/tls.hpp"

namespace noports::net {
namespace {

namespace fs = std::filesystem;

// Bundles of the systems that are met most: Debian, Red Hat and IPFire, BSD and Alpine, openSUSE
// (cli-and-packaging.md 4.10).
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
};

// TLS 1.2 suites with forward secrecy and authenticated encryption; those of 1.3 all have both.
constexpr const char* kSuites = "ECDHE+AESGCM:ECDHE+CHACHA20";

// The first reason in OpenSSL's queue of this thread, which is emptied.
std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown error";
}

TlsContext make_context(asio::ssl::context::method side) {
  auto context = std::make_shared<asio::ssl::context>(side);
  SSL_CTX* ctx = context->native_handle();
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(ctx, kSuites);
  SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // OpenSSL's buffers of an idle connection, 34 KiB, go back to the system.
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  return context;
}

Error unusable(const fs::path& path, const std::string& why) {
  return Error(Errc::config, "cannot use the certificates in " + path.string() + ": " + why);
}

Result<void> trust_file(SSL_CTX* ctx, const fs::path& file) {
  std::error_code code;
  if (!fs::exists(file, code)) return fail(unusable(file, "there is no such file"));
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(ctx, file.c_str()) != 1) {
    return fail(unusable(file, openssl_reason()).hint("give a readable PEM file"));
  }
  return Result<void>();
}

// Certificates of a folder are looked up by hash when they are needed, which costs nothing here.
Result<void> trust_folder(SSL_CTX* ctx, const fs::path& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) return fail(unusable(folder, "there is no such folder"));
  if (SSL_CTX_load_verify_dir(ctx, folder.c_str()) != 1) {
    return fail(unusable(folder, openssl_reason()));
  }
  return Result<void>();
}

// "5ed36f99.0", the form in which OpenSSL looks certificates up.
bool is_hashed(const std::string& name) {
  return name.size() >= 10 && name[8] == '.' &&
         std::all_of(name.begin(), name.begin() + 8, [](unsigned char c) { return isxdigit(c); });
}

bool has_hashed_certificates(const fs::path& folder) {
  std::error_code code;
  fs::directory_iterator entry(folder, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    if (is_hashed(entry->path().filename().string())) return true;
  }
  return false;
}

Result<void> trust_system(SSL_CTX* ctx) {
  const fs::path own_file = X509_get_default_cert_file(), own_dir = X509_get_default_cert_dir();
  std::error_code code;
  bool found = false;
  if (has_hashed_certificates(own_dir)) found = trust_folder(ctx, own_dir).has_value();
  if (fs::exists(own_file, code)) found = trust_file(ctx, own_file).has_value() || found;
  for (const char* bundle : kBundles) {
    if (found) return Result<void>();
    found = fs::exists(bundle, code) && trust_file(ctx, bundle).has_value();
  }
  if (found) return Result<void>();
  return fail(Error(Errc::config, "this machine has no list of certificate authorities")
                  .hint("install ca-certificates, or name a bundle with --ca-file"));
}

Result<void> load_trust(SSL_CTX* ctx, const Trust& trust) {
  if (trust.cert_file) {
    if (auto loaded = trust_file(ctx, *trust.cert_file); !loaded) return loaded;
  }
  if (trust.cert_dir) {
    if (auto loaded = trust_folder(ctx, *trust.cert_dir); !loaded) return loaded;
  }
  if (!trust.cert_file && !trust.cert_dir) {
    auto loaded = trust_system(ctx);
    // A machine without authorities can still reach servers of the one that was added.
    if (!loaded && !trust.extra_ca) return loaded;
  }
  if (trust.extra_ca) return trust_file(ctx, *trust.extra_ca);
  return Result<void>();
}

Error bad_pair(const fs::path& path, const std::string& why) {
  return Error(Errc::config, "cannot use " + path.string() + ": " + why);
}

}  // namespace

Result<TlsContext> client_context(const Trust& trust) {
  auto context = make_context(asio::ssl::context::tls_client);
  SSL_CTX_set_verify(context->native_handle(), SSL_VERIFY_PEER, nullptr);
  if (auto loaded = load_trust(context->native_handle(), trust); !loaded) {
    return fail(std::move(loaded).error());
  }
  return context;
}

Result<TlsContext> server_context(const fs::path& chain, const fs::path& key) {
  auto context = make_context(asio::ssl::context::tls_server);
  SSL_CTX* ctx = context->native_handle();
  // Some mbedTLS clients report a ticket as a read error (atprotocol-wire.md 1.1).
  SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(ctx, 0);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(ctx, chain.c_str()) != 1) {
    return fail(bad_pair(chain, openssl_reason()).hint("give a PEM file, the server's first"));
  }
  if (SSL_CTX_use_PrivateKey_file(ctx, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(bad_pair(key, openssl_reason()).hint("give the key of the certificate, as PEM"));
  }
  return context;
}

}  // namespace noports::net
