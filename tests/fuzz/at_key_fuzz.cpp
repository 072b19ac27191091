// SPDX-License-Identifier: BSD-3-Clause
// Whatever parses is written as a text that parses to the same key, without blank or line end.
#include <cstdint>
#include <cstdlib>

#include "noports/at/key.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = noports::at::Key::parse(text)) {
    const auto written = key->str();
    const auto again = noports::at::Key::parse(written);
    if (!again || *again != *key || written.find_first_of(" \r\n\t") != written.npos) std::abort();
  }
  return 0;
}
