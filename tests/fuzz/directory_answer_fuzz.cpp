// SPDX-License-Identifier: BSD-3-Clause
// Whatever is read as an address of an atServer is written and read as the same again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/atclient/directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports::atclient;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto address = decode_directory_answer(line)) {
    const auto again = decode_directory_answer(encode_directory_answer(*address));
    if (!again || *again != *address) std::abort();
  }
  return 0;
}
