// SPDX-License-Identifier: BSD-3-Clause
// Whatever decodes as a ping answer decodes to an equal value when it is written anew.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/proto/ping.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto answer = proto::decode_ping(text);
  // Defaults and escapes may make a long text longer than may be read.
  if (!answer || size > 16384) return 0;
  const auto again = proto::decode_ping(proto::encode(*answer));
  if (!again || *again != *answer) std::abort();
  return 0;
}
