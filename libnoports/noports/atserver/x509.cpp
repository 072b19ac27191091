// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/x509.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>

namespace noports::atserver::x509 {
namespace {

struct FreeMore {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(ASN1_OCTET_STRING* text) const noexcept { ASN1_OCTET_STRING_free(text); }
};
using Bio = std::unique_ptr<BIO, FreeMore>;

// OpenSSL's queue of errors is per thread and TLS shares it: it is left empty.
Unexpected failed(const char* doing) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return fail(Errc::io, std::string(doing) + ": " + (reason ? reason : "OpenSSL failed"));
}

bool set_serial(X509* certificate) {
  const std::unique_ptr<BIGNUM, FreeMore> serial(BN_new());
  // 127 bits, positive (RFC 5280, 4.1.2.2).
  return serial && BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_times(X509* certificate, Time from, Time until) {
  using std::chrono::system_clock;
  return ASN1_TIME_set(X509_getm_notBefore(certificate), system_clock::to_time_t(from)) &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), system_clock::to_time_t(until));
}

bool set_subject(X509* certificate, const std::string& common_name) {
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, text,
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool add_extensions(X509* certificate, X509* issuer, const std::vector<Extension>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& one : extensions) {
    const std::unique_ptr<X509_EXTENSION, FreeMore> extension(
        X509V3_EXT_conf_nid(nullptr, &context, one.nid, one.value.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  return true;
}

std::string text_of(const Bio& bio) {
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Result<Bio> open_file(const std::filesystem::path& file) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) {
    return fail(Errc::not_found, file.string() + " does not exist");
  }
  Bio bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) return failed(("read " + file.string()).c_str());
  return bio;
}

}  // namespace

Result<Key> new_key() {
  Key key(EVP_EC_gen("P-256"));
  if (!key) return failed("make a key");
  return key;
}

Result<Certificate> issue(const Wish& wish, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate certificate(X509_new());
  X509* made = certificate.get();
  if (!made || X509_set_version(made, X509_VERSION_3) != 1 || !set_serial(made) ||
      !set_times(made, wish.from, wish.until) || !set_subject(made, wish.common_name)) {
    return failed("make a certificate");
  }
  X509* parent = issuer ? issuer : made;
  if (X509_set_issuer_name(made, X509_get_subject_name(parent)) != 1 ||
      X509_set_pubkey(made, wish.key) != 1 || !add_extensions(made, parent, wish.extensions) ||
      X509_sign(made, issuer_key, EVP_sha256()) == 0) {
    return failed("sign a certificate");
  }
  return certificate;
}

Result<std::string> request_for(EVP_PKEY* key, const std::string& common_name) {
  const std::unique_ptr<X509_REQ, Free> request(X509_REQ_new());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  // A common name holds 64 characters at most (RFC 5280, appendix A); nobody reads this one.
  const int size = static_cast<int>(std::min<std::size_t>(common_name.size(), 64));
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
                                 text, size, -1, 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key) != 1 ||
      X509_REQ_sign(request.get(), key, EVP_sha256()) == 0) {
    return failed("request a certificate");
  }
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(bio.get(), request.get());
  return text_of(bio);
}

Result<Key> requested_key(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509_REQ, Free> request(
      PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  Key key(request ? X509_REQ_get_pubkey(request.get()) : nullptr);
  const bool is_signed = key && X509_REQ_verify(request.get(), key.get()) == 1;
  ERR_clear_error();
  if (!key) return fail(Errc::bad_syntax, "it is no request for a certificate");
  if (!is_signed) return fail(Errc::bad_signature, "the request is not signed by its key");
  const int bits = EVP_PKEY_get_bits(key.get());
  const bool is_strong = EVP_PKEY_is_a(key.get(), "RSA")  ? bits >= 2048 && bits <= 8192
                         : EVP_PKEY_is_a(key.get(), "EC") ? bits == 256 || bits == 384
                                                          : false;
  if (!is_strong) return fail(Errc::bad_syntax, "the request is for no key of a kind in use");
  return key;
}

std::string pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio);
}

crypto::Secret pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));  // wiped when it is freed
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  return crypto::Secret(std::string_view(text, static_cast<std::size_t>(size)));
}

Result<Certificate> load_certificate(const std::filesystem::path& file) {
  auto bio = open_file(file);
  if (!bio) return fail(std::move(bio).error());
  Certificate certificate(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate) return fail(Errc::config, file.string() + " holds no certificate");
  return certificate;
}

Result<Key> load_key(const std::filesystem::path& file) {
  auto bio = open_file(file);
  if (!bio) return fail(std::move(bio).error());
  Key key(PEM_read_bio_PrivateKey(bio->get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!key) return fail(Errc::config, file.string() + " holds no private key");
  return key;
}

Result<Certificate> parse_certificate(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate) return fail(Errc::config, "it is no certificate");
  return certificate;
}

bool is_address(const std::string& name) {
  const std::unique_ptr<ASN1_OCTET_STRING, FreeMore> address(a2i_IPADDRESS(name.c_str()));
  ERR_clear_error();
  return address != nullptr;
}

bool covers(X509* certificate, const std::string& name) {
  return X509_check_ip_asc(certificate, name.c_str(), 0) == 1 ||
         X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
}

bool is_issued_by(X509* certificate, X509* issuer) {
  EVP_PKEY* key = X509_get0_pubkey(issuer);
  const bool same =
      X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(issuer)) == 0;
  const bool issued = same && key && X509_verify(certificate, key) == 1;
  ERR_clear_error();
  return issued;
}

bool is_of(X509* certificate, EVP_PKEY* key) {
  const bool same = X509_check_private_key(certificate, key) == 1;
  ERR_clear_error();
  return same;
}

bool is_valid_at(X509* certificate, Time moment) {
  auto seconds = std::chrono::system_clock::to_time_t(moment);
  return X509_cmp_time(X509_get0_notBefore(certificate), &seconds) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &seconds) > 0;
}

Time not_after(X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return Time::min();
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

}  // namespace noports::atserver::x509
