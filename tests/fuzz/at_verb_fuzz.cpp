// SPDX-License-Identifier: BSD-3-Clause
// Whatever decode accepts, encode gives back: one line, and it decodes to the same value.
#include <cstdint>
#include <cstdlib>

#include "noports/at/verb.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto verb = noports::at::decode(line)) {
    const auto written = noports::at::encode(*verb);
    const auto again = noports::at::decode(written);
    if (written.find('\n') != written.npos || !again || *again != *verb) std::abort();
  }
  return 0;
}
