// SPDX-License-Identifier: BSD-3-Clause
#include "support/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace noports::test {
namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(std::FILE* p) const { std::fclose(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<std::FILE, Free>;

void must(bool done) {
  if (!done) throw std::runtime_error("cannot make a certificate");
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  must(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// An unsigned certificate for `key` with the fields that authority and leaf share.
Certificate draft(EVP_PKEY* key, long serial, const char* name, long from, long until) {
  Certificate made(X509_new());
  must(X509_set_version(made.get(), X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), until);
  X509_set_pubkey(made.get(), key);
  const auto* text = reinterpret_cast<const unsigned char*>(name);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, text, -1, -1,
                             0);
  return made;
}

File create(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "w"));
  must(file != nullptr);
  return file;
}

}  // namespace

struct Authority::Keys {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate;
};

Authority::Authority() : ca_file_(folder_.path() / "ca.pem"), keys_(std::make_unique<Keys>()) {
  constexpr long kDay = 86'400;
  keys_->certificate = draft(keys_->key.get(), 1, "Test authority", -kDay, kDay);
  X509* mine = keys_->certificate.get();
  X509_set_issuer_name(mine, X509_get_subject_name(mine));
  add_extension(mine, mine, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(mine, mine, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(mine, mine, NID_subject_key_identifier, "hash");
  must(X509_sign(mine, keys_->key.get(), EVP_sha256()) > 0);
  must(PEM_write_X509(create(ca_file_).get(), mine) == 1);
}

Authority::~Authority() = default;

LeafFiles Authority::issue(const LeafWish& wish) {
  const std::string stem = "leaf" + std::to_string(++issued_);
  const Key key(EVP_EC_gen("P-256"));
  const auto leaf = draft(key.get(), 1 + issued_, "Test leaf", wish.valid_from, wish.valid_until);
  X509* authority = keys_->certificate.get();
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(authority));
  std::string names;
  for (const auto& name : wish.names) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) add_extension(leaf.get(), authority, NID_subject_alt_name, names);
  add_extension(leaf.get(), authority, NID_authority_key_identifier, "keyid");
  must(X509_sign(leaf.get(), keys_->key.get(), EVP_sha256()) > 0);

  const LeafFiles files{folder_.path() / (stem + ".pem"), folder_.path() / (stem + ".key")};
  must(PEM_write_X509(create(files.chain).get(), leaf.get()) == 1);
  must(PEM_write_PrivateKey(create(files.key).get(), key.get(), nullptr, nullptr, 0, nullptr,
                            nullptr) == 1);
  return files;
}

net::Trust Authority::trust() const {
  net::Trust only_this;
  only_this.cert_file = ca_file_;
  return only_this;
}

net::TlsContext Authority::client_context() const { return *net::client_context(trust()); }

net::TlsContext Authority::server_context(const LeafWish& wish) {
  const auto files = issue(wish);
  return *net::server_context(files.chain, files.key);
}

}  // namespace noports::test
