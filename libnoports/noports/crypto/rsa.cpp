// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/rsa.hpp"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/openssl.hpp"

namespace noports::crypto {
namespace {

using openssl::data;
using openssl::require;

constexpr int kFewestBits = 2048;
constexpr int kMostBits = 8192;
constexpr std::size_t kMaxPublicText = 4096;    // characters; 1432 are needed for 8192 bits
constexpr std::size_t kMaxPrivateText = 16384;  // characters; about 6250 are needed for 8192 bits
constexpr std::size_t kPaddingOverhead = 11;    // bytes, RFC 8017, 7.2.1

const char* digest_name(Hash hash) noexcept {
  return hash == Hash::sha512 ? "SHA2-512" : "SHA2-256";
}

// 2 to 64 bits and odd: larger exponents make each verification as slow as a signature, 1 is no
// encryption, even ones are impossible.
bool has_sane_exponent(const EVP_PKEY* key) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &number) != 1) return false;
  const openssl::Owned<BIGNUM, BN_free> exponent(number);
  return BN_is_odd(number) && BN_num_bits(number) >= 2 && BN_num_bits(number) <= 64;
}

// What both halves must fulfil. EVP_PKEY_RSA leaves out RSA-PSS keys, which may not do PKCS#1 v1.5.
Result<void> check(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return fail(Errc::bad_syntax, "not an RSA key");
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kFewestBits || bits > kMostBits) {
    return fail(Errc::bad_syntax,
                "an RSA key of " + std::to_string(bits) + " bits; 2048 to 8192 are accepted");
  }
  if (!has_sane_exponent(key)) return fail(Errc::bad_syntax, "an RSA key with a bad exponent");
  return {};
}

// The padding of RSAES-PKCS1-v1_5 on a context that encrypts or decrypts.
bool use_pkcs1(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
}

openssl::Pkey read_spki(std::string_view der) {
  const unsigned char* at = data(der);
  openssl::Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (at != data(der) + der.size()) key.reset();
  return key;
}

openssl::Pkey read_pkcs8(std::string_view der) {
  const unsigned char* at = data(der);
  const openssl::Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (!info || at != data(der) + der.size()) return nullptr;
  return openssl::Pkey(EVP_PKCS82PKEY(info.get()));
}

Secret write_pkcs8(const EVP_PKEY* key) {
  const openssl::Pkcs8 info(EVP_PKEY2PKCS8(key));
  const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr) : 0;
  require(size > 0, "PKCS#8");
  Secret der(static_cast<std::size_t>(size));
  unsigned char* at = data(der.writable());
  require(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) == size, "PKCS#8");
  return der;
}

std::string write_spki(const EVP_PKEY* key) {
  const int size = i2d_PUBKEY(key, nullptr);
  require(size > 0, "SubjectPublicKeyInfo");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  require(i2d_PUBKEY(key, &at) == size, "SubjectPublicKeyInfo");
  return der;
}

// A context for one operation with the key. OpenSSL takes shared keys as mutable and locks inside.
openssl::PkeyContext context_for(const openssl::Pkey& key) {
  openssl::PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  require(context != nullptr, "RSA");
  return context;
}

}  // namespace

struct PublicKey::Key {
  openssl::Pkey evp;
  std::string text;
};

struct PrivateKey::Key {
  openssl::Pkey evp;
  Secret text;
  PublicKey public_key;
};

Result<PublicKey> PublicKey::parse(std::string_view base64_spki) {
  const openssl::QuietErrors quiet;
  const auto text = trim(base64_spki);
  if (text.size() > kMaxPublicText) return fail(Errc::bad_syntax, "public key: too long");
  auto der = base64_decode(text);
  if (!der) return fail(std::move(der).error().during("public key"));
  auto key = read_spki(*der);
  if (!key) return fail(Errc::bad_syntax, "public key: not a SubjectPublicKeyInfo");
  if (auto good = check(key.get()); !good) {
    return fail(std::move(good).error().during("public key"));
  }
  return PublicKey(std::make_shared<const Key>(Key{std::move(key), std::string(text)}));
}

const std::string& PublicKey::text() const noexcept { return key_->text; }

int PublicKey::bits() const noexcept { return EVP_PKEY_get_bits(key_->evp.get()); }

std::string PublicKey::checksum() const { return hex(md5(key_->text)); }

bool PublicKey::verify(std::string_view message, std::string_view signature, Hash hash) const {
  const openssl::QuietErrors quiet;
  const openssl::DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr, "digest");
  // The padding is PKCS#1 v1.5 unless one asks for another.
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, digest_name(hash), nullptr, nullptr,
                                 key_->evp.get(), nullptr) == 1 &&
         EVP_DigestVerify(context.get(), data(signature), signature.size(), data(message),
                          message.size()) == 1;
}

Result<std::string> PublicKey::encrypt(std::string_view text) const {
  const openssl::QuietErrors quiet;
  auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key_->evp.get()));
  if (text.size() + kPaddingOverhead > size) {
    return fail(Errc::bad_syntax, "RSA encryption: the text is too long for the key");
  }
  const auto context = context_for(key_->evp);
  std::string bytes(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  const bool done = EVP_PKEY_encrypt_init(context.get()) == 1 && use_pkcs1(context.get()) &&
                    EVP_PKEY_encrypt(context.get(), out, &size, data(text), text.size()) == 1;
  // The numbers of a key are a peer's choice: an even modulus is only found out here.
  if (!done) return fail(Errc::bad_syntax, "RSA encryption: the public key is unusable");
  return bytes;
}

Result<PrivateKey> PrivateKey::parse(std::string_view base64_pkcs8) {
  const openssl::QuietErrors quiet;
  const auto text = trim(base64_pkcs8);
  if (text.size() > kMaxPrivateText) return fail(Errc::bad_syntax, "private key: too long");
  auto der = base64_decode_secret(text);
  if (!der) return fail(std::move(der).error().during("private key"));
  auto key = read_pkcs8(der->text());
  if (!key) return fail(Errc::bad_syntax, "private key: not a PKCS#8 key");
  if (auto good = check(key.get()); !good) {
    return fail(std::move(good).error().during("private key"));
  }
  auto public_key = PublicKey::parse(base64(write_spki(key.get())));
  if (!public_key) return fail(std::move(public_key).error().during("private key"));
  return PrivateKey(
      std::make_shared<const Key>(Key{std::move(key), Secret(text), *std::move(public_key)}));
}

Result<PrivateKey> PrivateKey::generate() {
  const openssl::QuietErrors quiet;
  const openssl::Pkey key(EVP_RSA_gen(static_cast<unsigned>(kFewestBits)));  // e = 65537
  if (!key) return fail(Errc::io, "making an RSA key: OpenSSL could not");
  return parse(base64_secret(write_pkcs8(key.get()).bytes()).text());
}

const PublicKey& PrivateKey::public_key() const noexcept { return key_->public_key; }

Secret PrivateKey::text() const { return key_->text.copy(); }

Result<std::string> PrivateKey::sign(std::string_view message, Hash hash) const {
  const openssl::QuietErrors quiet;
  const openssl::DigestContext context(EVP_MD_CTX_new());
  auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key_->evp.get()));
  std::string signature(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  const bool done = context &&
                    EVP_DigestSignInit_ex(context.get(), nullptr, digest_name(hash), nullptr,
                                          nullptr, key_->evp.get(), nullptr) == 1 &&
                    EVP_DigestSign(context.get(), out, &size, data(message), message.size()) == 1;
  if (!done) return fail(Errc::config, "signing: the private key is damaged");
  signature.resize(size);
  return signature;
}

Result<Secret> PrivateKey::decrypt(std::string_view bytes) const {
  const openssl::QuietErrors quiet;
  auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key_->evp.get()));
  const bool whole = bytes.size() == size;
  const auto context = context_for(key_->evp);
  require(EVP_PKEY_decrypt_init(context.get()) == 1 && use_pkcs1(context.get()), "RSA decryption");
  // OpenSSL checks the padding in constant time and always into a buffer of full size.
  Secret text(size);
  const int opened = whole ? EVP_PKEY_decrypt(context.get(), data(text.writable()), &size,
                                              data(bytes), bytes.size())
                           : 0;
  if (opened != 1) return fail(Errc::bad_syntax, "RSA: cannot be decrypted");
  text.truncate(size);
  return text;
}

}  // namespace noports::crypto
