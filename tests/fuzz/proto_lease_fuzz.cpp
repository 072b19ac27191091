// SPDX-License-Identifier: BSD-3-Clause
// Whatever decodes as a relay request, answer or hint decodes to an equal value when it is written
// anew.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/proto/auth_modes.hpp"
#include "noports/proto/lease.hpp"

using namespace noports;

namespace {

void check_request(std::string_view text) {
  const auto request = proto::decode_lease_request(text);
  if (!request) return;
  const auto again = proto::decode_lease_request(proto::encode(*request));
  if (!again || *again != *request) std::abort();
}

void check_answer(std::string_view text) {
  const auto lease = proto::decode_lease(text);
  if (!lease) return;
  const auto json = proto::decode_lease(proto::encode_json(*lease));
  if (!json || *json != *lease) std::abort();
  // A comma, or blanks at the end, do not survive the other form; our nonces have neither.
  if (lease->relay_nonce.find_first_of(", ") != std::string::npos) return;
  if (lease->supports_event_logging || lease->auto_detects_auth) return;
  const auto csv = proto::decode_lease(proto::encode_csv(*lease));
  if (!csv || (*csv != *lease)) std::abort();
}

void check_hint(std::string_view text) {
  const auto modes = proto::decode_auth_modes(text);
  if (!modes) return;
  const auto again = proto::decode_auth_modes(proto::encode(*modes));
  if (!again || *again != *modes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_request(text);
  check_answer(text);
  check_hint(text);
  return 0;
}
