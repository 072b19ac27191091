// SPDX-License-Identifier: BSD-3-Clause
// Whatever is read as a first enrolment is written and read as the same again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/activate/first_enrolment.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports::activate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto wanted = decode_first_enrolment(text)) {
    const auto again = decode_first_enrolment(encode(*wanted).json);
    if (!again || !(*again == *wanted)) std::abort();
  }
  if (const auto id = decode_enrolled(text)) {
    if (id->empty() || id->find_first_of(":\n ") != id->npos) std::abort();
  }
  return 0;
}
