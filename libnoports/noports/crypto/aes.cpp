// SPDX-License-Identifier: BSD-3-Clause
#include "noports/crypto/aes.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "noports/crypto/openssl.hpp"

namespace noports::crypto {
namespace {

constexpr std::size_t kBlock = 16;
// OpenSSL counts in int; this is the largest power of two below its limit.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;

const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const cipher = [] {
    const EVP_CIPHER* fetched = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
    openssl::require(fetched != nullptr, "AES-256-CTR");
    return fetched;
  }();
  return cipher;
}

// The stream of one value; config when iv is empty or longer than 16 bytes.
Result<CtrStream> value_stream(std::span<const std::byte> key, std::string_view iv) {
  if (iv.empty() || iv.size() > kAesIvSize) {
    return fail(Errc::config, "an AES IV has 1 to 16 bytes, not " + std::to_string(iv.size()));
  }
  std::array<std::byte, kAesIvSize> padded{};
  std::ranges::copy(std::as_bytes(std::span(iv)), padded.begin());
  return CtrStream::make(key, padded);
}

// The length of a correct PKCS#7 padding, 0 for a wrong one. Always looks at the whole last block,
// so that its time says nothing about where the padding went wrong.
std::size_t padding_length(std::span<const std::byte> text) noexcept {
  const auto last = text.last<kBlock>();
  const auto length = std::to_integer<unsigned>(last[kBlock - 1]);
  unsigned wrong = static_cast<unsigned>(length - 1 > kBlock - 1);
  for (unsigned i = 0; i < kBlock; ++i) {
    const unsigned inside = static_cast<unsigned>(kBlock - i <= length);
    wrong |= inside & static_cast<unsigned>(std::to_integer<unsigned>(last[i]) != length);
  }
  return wrong != 0 ? 0 : length;
}

}  // namespace

struct CtrStream::Context {
  openssl::CipherContext evp;
};

CtrStream::CtrStream(std::unique_ptr<Context> context) noexcept : context_(std::move(context)) {}
CtrStream::CtrStream(CtrStream&&) noexcept = default;
CtrStream& CtrStream::operator=(CtrStream&&) noexcept = default;
CtrStream::~CtrStream() = default;

Result<CtrStream> CtrStream::make(std::span<const std::byte> key, std::span<const std::byte> iv) {
  if (key.size() != kAesKeySize) {
    return fail(Errc::config, "an AES key has 32 bytes, not " + std::to_string(key.size()));
  }
  if (iv.size() != kAesIvSize) {
    return fail(Errc::config, "an AES IV has 16 bytes, not " + std::to_string(iv.size()));
  }
  const openssl::QuietErrors quiet;
  auto context = std::make_unique<Context>();
  context->evp.reset(EVP_CIPHER_CTX_new());
  openssl::require(
      context->evp && EVP_EncryptInit_ex2(context->evp.get(), algorithm(), openssl::data(key),
                                          openssl::data(iv), nullptr) == 1,
      "AES-256-CTR");
  return CtrStream(std::move(context));
}

void CtrStream::apply(std::span<std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const auto chunk = bytes.first(std::min(bytes.size(), kMostAtOnce));
    auto* at = openssl::data(chunk);
    int done = 0;
    if (EVP_EncryptUpdate(context_->evp.get(), at, &done, at, static_cast<int>(chunk.size())) !=
        1) {
      std::abort();  // a broken context; going on would send clear text
    }
    bytes = bytes.subspan(chunk.size());
  }
}

Result<std::string> encrypt_value(std::span<const std::byte> key, std::string_view iv,
                                  std::string_view text) {
  auto stream = value_stream(key, iv);
  if (!stream) return fail(std::move(stream).error());

  const std::size_t padding = kBlock - text.size() % kBlock;
  std::string bytes;
  bytes.reserve(text.size() + padding);  // once, so that no clear text stays behind
  bytes.append(text).append(padding, static_cast<char>(padding));
  stream->apply(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

Result<Secret> decrypt_value(std::span<const std::byte> key, std::string_view iv,
                             std::string_view bytes) {
  auto stream = value_stream(key, iv);
  if (!stream) return fail(std::move(stream).error());

  const bool whole = !bytes.empty() && bytes.size() % kBlock == 0;
  Secret text(whole ? bytes : std::string_view());
  stream->apply(text.writable());
  const std::size_t padding = whole ? padding_length(text.bytes()) : 0;
  if (padding == 0) return fail(Errc::bad_syntax, "cannot be decrypted");
  text.truncate(text.size() - padding);
  return text;
}

}  // namespace noports::crypto
