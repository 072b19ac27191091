// SPDX-License-Identifier: BSD-3-Clause
// Whatever is read as a line of an address book is written and read as the same again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/atclient/address_book.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports::atclient;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto line = decode_book_line(text)) {
    const auto again = decode_book_line(encode(*line));
    if (!again || !(*again == *line)) std::abort();
  }
  return 0;
}
