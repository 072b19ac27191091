// SPDX-License-Identifier: BSD-3-Clause
// Keys and certificates as certificates.cpp and membership.cpp need them: OpenSSL behind values.
// Internal to them.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::atserver::x509 {

struct Free {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(X509_REQ* request) const noexcept { X509_REQ_free(request); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

using Time = std::chrono::system_clock::time_point;

Result<Key> new_key();  // EC P-256

struct Extension {
  int nid;
  std::string value;  // in OpenSSL's configuration syntax
};
struct Wish {
  std::string common_name;
  EVP_PKEY* key;  // of the subject
  Time from, until;
  std::vector<Extension> extensions;
};
// Issued by `issuer` with its key; self-signed when `issuer` is null.
Result<Certificate> issue(const Wish& wish, X509* issuer, EVP_PKEY* issuer_key);

// A request for a certificate of `key` (PKCS #10), PEM.
Result<std::string> request_for(EVP_PKEY* key, const std::string& common_name);
// The key that a request is for, when it is signed with it and strong enough: EC of 256 or 384
// bits, RSA of 2048 to 8192. What the request wishes is not read. bad_signature, or bad_syntax.
Result<Key> requested_key(const std::string& pem);

std::string pem(X509* certificate);
crypto::Secret pem(EVP_PKEY* key);

// not_found when there is no such file; io when it cannot be read; config when it is none.
Result<Certificate> load_certificate(const std::filesystem::path& file);
Result<Key> load_key(const std::filesystem::path& file);
// The first certificate of a PEM text; config when there is none.
Result<Certificate> parse_certificate(const std::string& pem);

bool is_address(const std::string& name);  // numeric, IPv4 or IPv6
// Whether clients will accept it for `name`, a DNS name or a numeric address.
bool covers(X509* certificate, const std::string& name);
bool is_issued_by(X509* certificate, X509* issuer);
bool is_of(X509* certificate, EVP_PKEY* key);
bool is_valid_at(X509* certificate, Time moment);
Time not_after(X509* certificate);  // long ago when it cannot be read

}  // namespace noports::atserver::x509
