// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/p256.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <optional>

#include "noports/base/text.hpp"
#include "noports/crypto/openssl.hpp"

namespace noports::crypto {
namespace {

using openssl::data;
using openssl::require;

constexpr std::size_t kNumber = 32;  // bytes of a coordinate, of R, of S
constexpr std::size_t kPoint = 1 + 2 * kNumber;
constexpr char kUncompressed = 4;

using ParamBuilder = openssl::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = openssl::Owned<OSSL_PARAM, OSSL_PARAM_free>;
using Signature = openssl::Owned<ECDSA_SIG, ECDSA_SIG_free>;

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

std::optional<std::string> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit(text[i]), low = digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high << 4 | *low);
  }
  return bytes;
}

// Nothing for a point that is not on the curve.
openssl::Pkey read_point(const std::string& point) {
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  require(builder != nullptr &&
              OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                              "prime256v1", 0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                               point.size()) == 1,
          "parameters");
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const openssl::PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  require(params != nullptr && context != nullptr, "EC");
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return openssl::Pkey(key);
}

// The form that OpenSSL takes.
std::string der_of(std::string_view compact) {
  const Signature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(data(compact), kNumber, nullptr);
  BIGNUM* s = BN_bin2bn(data(compact.substr(kNumber)), kNumber, nullptr);
  require(signature != nullptr && r != nullptr && s != nullptr &&
              ECDSA_SIG_set0(signature.get(), r, s) == 1,
          "signature");
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &bytes);
  require(size > 0, "signature");
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

struct P256PublicKey::Key {
  openssl::Pkey evp;
};

Result<P256PublicKey> P256PublicKey::parse(std::string_view hex) {
  const openssl::QuietErrors quiet;
  const auto text = trim(hex);
  const auto point = text.size() == 2 * kPoint ? unhex(text) : std::nullopt;
  if (!point || point->front() != kUncompressed) {
    return fail(Errc::bad_syntax, "public key: not a P-256 point of 130 hex digits");
  }
  auto key = read_point(*point);
  if (!key) return fail(Errc::bad_syntax, "public key: the point is not on P-256");
  return P256PublicKey(std::make_shared<const Key>(Key{std::move(key)}));
}

bool P256PublicKey::verify(std::string_view message, std::string_view signature) const {
  if (signature.size() != 2 * kNumber) return false;
  const openssl::QuietErrors quiet;
  const openssl::DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr, "digest");
  const auto der = der_of(signature);
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA2-256", nullptr, nullptr,
                                 key_->evp.get(), nullptr) == 1 &&
         EVP_DigestVerify(context.get(), data(std::string_view(der)), der.size(), data(message),
                          message.size()) == 1;
}

Result<std::string> p256_signature(std::string_view decoded) {
  if (decoded.size() == 2 * kNumber) return std::string(decoded);
  auto bytes = decoded.size() == 4 * kNumber ? unhex(decoded) : std::nullopt;
  if (!bytes) return fail(Errc::bad_syntax, "signature: want R and S of P-256");
  return *std::move(bytes);
}

}  // namespace noports::crypto
