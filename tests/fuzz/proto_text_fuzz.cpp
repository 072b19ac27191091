// SPDX-License-Identifier: BSD-3-Clause
// The small texts: device names, session ids and keys. What parses is written in one form, and that
// form parses to the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/proto/device.hpp"
#include "noports/proto/session_id.hpp"

using namespace noports;

namespace {

void check_names(std::string_view text) {
  if (const auto device = proto::DeviceName::parse(text)) {
    const auto again = proto::DeviceName::parse(device->str());
    if (!again || *again != *device) std::abort();
    const auto key = proto::device_key("ping", *device);
    if (proto::kind_of(key.str(), *device) != "ping") std::abort();
    if (!proto::is_relay_request(proto::relay_request_key(*device).str())) std::abort();
  }
  if (const auto session = proto::SessionId::parse(text)) {
    if (*proto::SessionId::parse(session->str()) != *session) std::abort();
  }
  const auto kind = proto::kind_of(text, *proto::DeviceName::parse("lab"));
  if (!kind.empty() && text != std::string(kind) + ".lab.sshnp") std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_names(text);
  return 0;
}
