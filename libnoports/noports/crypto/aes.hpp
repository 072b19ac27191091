// SPDX-License-Identifier: BSD-3-Clause
// AES-256 in counter mode: a stream for data, and the one-shot padded form for values.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"
#include "noports/crypto/secret.hpp"

namespace noports::crypto {

inline constexpr std::size_t kAesKeySize = 32;  // bytes
inline constexpr std::size_t kAesIvSize = 16;   // bytes, the initial big-endian counter block
// What stands for an IV that is not given (keys-and-enrollment.md 2.2).
inline constexpr std::string_view kZeroIv{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", kAesIvSize};

// One direction of one connection (noports-wire.md 10.2): the position in the key stream goes on
// from call to call. Sealing and opening are the same operation.
class CtrStream {
 public:
  // config when key or iv have the wrong size
  static Result<CtrStream> make(std::span<const std::byte> key, std::span<const std::byte> iv);
  CtrStream(CtrStream&&) noexcept;
  CtrStream& operator=(CtrStream&&) noexcept;
  ~CtrStream();

  // In place, any number of bytes; allocates nothing.
  void apply(std::span<std::byte> bytes) noexcept;

 private:
  struct Context;
  explicit CtrStream(std::unique_ptr<Context> context) noexcept;
  std::unique_ptr<Context> context_;
};

// Values: AES-256-CTR over the PKCS#7 padded text (keys-and-enrollment.md 2.2). Raw bytes both
// ways; the caller does base64. `iv` of 1 to 16 bytes, padded with zeros on the right. config when
// key or iv have the wrong size.
Result<std::string> encrypt_value(std::span<const std::byte> key, std::string_view iv,
                                  std::string_view text);
// bad_syntax when the length is no positive multiple of 16 or the padding is wrong: the one word
// for both, so that nobody learns which.
Result<Secret> decrypt_value(std::span<const std::byte> key, std::string_view iv,
                             std::string_view bytes);

}  // namespace noports::crypto
