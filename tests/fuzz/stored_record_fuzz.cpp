// SPDX-License-Identifier: BSD-3-Clause
// Whatever is read as a stored record is written and read as the same again; lists of keys and
// values that do not decrypt must only be refused.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "noports/atclient/values.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto record = atclient::decode_record(text)) {
    const auto again = atclient::decode_record(atclient::encode(*record));
    if (!again || !(*again == *record)) std::abort();
  }
  static_cast<void>(atclient::decode_keys(text));
  static const crypto::Secret key(std::string(32, 'k'));
  static_cast<void>(atclient::unseal(key, text, std::nullopt));
  static_cast<void>(atclient::unseal(key, "AAAAAAAAAAAAAAAAAAAAAA==", std::string(text)));
  return 0;
}
