// SPDX-License-Identifier: BSD-3-Clause
// What is taken from a text is written so that it is taken again, whole and equal.
#include <cstdint>
#include <cstdlib>

#include "noports/at/metadata.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto rest = text;
  if (const auto metadata = noports::at::take_metadata(rest)) {
    if (!text.ends_with(rest)) std::abort();
    const auto written = noports::at::encode(*metadata);
    std::string_view left = written;
    const auto again = noports::at::take_metadata(left);
    if (!again || *again != *metadata || !left.empty()) std::abort();
  }
  return 0;
}
