// SPDX-License-Identifier: BSD-3-Clause
// Whatever parses is normalised: it parses again, to itself.
#include <cstdint>
#include <cstdlib>

#include "noports/at/atsign.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto atsign = noports::at::Atsign::parse(text)) {
    const auto again = noports::at::Atsign::parse(atsign->str());
    if (!again || *again != *atsign || again->str() != atsign->str()) std::abort();
  }
  return 0;
}
