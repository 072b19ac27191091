// SPDX-License-Identifier: BSD-3-Clause
// Whatever decodes as a session request or a grant decodes to an equal value when written anew.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/proto/session.hpp"

using namespace noports;
using proto::RequestKind;

namespace {

void check_request(RequestKind kind, std::string_view text) {
  const auto request = proto::decode_session_request(kind, text);
  if (!request) return;
  const auto again = proto::decode_session_request(kind, proto::encode(*request));
  if (!again || *again != *request) std::abort();
}

void check_grant(std::string_view text) {
  const auto grant = proto::decode_grant(text);
  if (!grant) return;
  for (const auto kind : {RequestKind::npt, RequestKind::ssh}) {
    const auto again = proto::decode_grant(proto::encode(*grant, kind));
    if (!again || *again != *grant) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_request(RequestKind::npt, text);
  check_request(RequestKind::ssh, text);
  check_grant(text);
  return 0;
}
