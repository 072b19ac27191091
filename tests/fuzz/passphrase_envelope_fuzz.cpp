// SPDX-License-Identifier: BSD-3-Clause
// What decodes as an envelope is written as one that is equal, and never asks for more than we
// give.
#include <cstdint>
#include <cstdlib>

#include "noports/keys/passphrase_envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports;
  const auto envelope = keys::decode_envelope({reinterpret_cast<const char*>(data), size});
  if (!envelope) return 0;
  if (!crypto::check(envelope->cost)) std::abort();
  const auto again = keys::decode_envelope(keys::encode(*envelope));
  if (!again || *again != *envelope) std::abort();
  return 0;
}
