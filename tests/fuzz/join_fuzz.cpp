// SPDX-License-Identifier: BSD-3-Clause
// Whatever is read of joining, by either end, is written and read as the same again, in one line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/atserver/directory.hpp"
#include "noports/atserver/join_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace noports::atserver;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto claim = decode_join_line(line)) {
    if (!is_join(line) || encode_join_line(*claim).text() != line) std::abort();
  }
  if (const auto token = decode_token_file(line)) {
    const auto again = decode_token_file(encode_token_file(*token).text());
    if (!again || again->id != token->id || again->secret.text() != token->secret.text()) {
      std::abort();
    }
  }
  if (const auto request = decode_join_request(line)) {
    const auto written = encode(*request);
    const auto again = decode_join_request(written);
    if (written.find('\n') != written.npos || !again || again->host != request->host ||
        again->guest != request->guest || again->atsigns != request->atsigns) {
      std::abort();
    }
  }
  if (const auto answer = decode_join_answer(line)) {
    const auto written = encode(*answer);
    const auto again = decode_join_answer(written);
    if (written.find('\n') != written.npos || !again ||
        again->refused.size() != answer->refused.size()) {
      std::abort();
    }
  } else if (answer.error().what().find('\n') != std::string::npos) {
    std::abort();
  }
  if (const auto place = decode_directory_answer(line); place && *place) {
    const auto again = decode_directory_answer(place_text(**place));
    if (!again || *again != *place) std::abort();
  }
  return 0;
}
