// SPDX-License-Identifier: BSD-3-Clause
// Whatever is read as a notification is written as one line that is read again, equal.
#include <cstdint>
#include <cstdlib>

#include "noports/at/notification.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto notification = noports::at::decode_notification(text)) {
    const auto written = noports::at::encode(*notification);
    const auto again = noports::at::decode_notification(written);
    if (written.find('\n') != written.npos || !again || *again != *notification) std::abort();
  }
  return 0;
}
