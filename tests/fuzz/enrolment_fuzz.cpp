// SPDX-License-Identifier: BSD-3-Clause
// Whatever an atServer says about enrolments is read or refused; what a request holds survives
// being written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/activate/enrolment.hpp"
#include "noports/activate/half_made.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports::activate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto wanted = decode_enrol_request(text)) {
    const auto again = decode_enrol_request(encode(*wanted).json);
    // Bytes that are no UTF-8 are replaced on their way out.
    if (!again || again->namespaces.size() != wanted->namespaces.size()) std::abort();
  }
  if (const auto all = decode_enrolments(text)) {
    for (const auto& one : *all) {
      if (one.id.empty() || one.id.find(':') != one.id.npos) std::abort();
    }
  }
  if (const auto outcome = decode_outcome(text); outcome && outcome->status.empty()) std::abort();
  if (const auto all = parse_namespaces(text); all && all->empty()) std::abort();
  if (const auto half = decode_half_made(text)) {
    const auto written = encode(*half);
    const auto again = decode_half_made(written.text());
    if (!again || encode(*again).text() != written.text()) std::abort();
  }
  const auto newline = text.find('\n');
  if (newline != text.npos) {
    const auto note = decode_request_note(text.substr(0, newline), text.substr(newline + 1));
    if (note && note->status != "pending") std::abort();
  }
  const noports::crypto::Secret key(32);
  static_cast<void>(open_kept(text, key).has_value());
  static_cast<void>(keeps_ivs(text));
  return 0;
}
