// SPDX-License-Identifier: BSD-3-Clause
// Any line is an answer. Data, refusals and pushes are written so that they are read again equal;
// a refusal also becomes an error that can be shown.
#include <cstdint>
#include <cstdlib>

#include "noports/at/answer.hpp"
#include "noports/base/text.hpp"

namespace {

using namespace noports::at;

void check(const Answer& answer, std::string line) {
  if (line.empty() || line.back() != '\n') std::abort();
  line.pop_back();
  if (line.find('\n') != line.npos || decode_answer(line) != answer) std::abort();
}

void check_refusal(const Refusal& refusal) {
  const bool is_utf8 = noports::is_utf8(refusal.text);
  if (is_utf8) check(refusal, encode(refusal, ErrorShape::json, ""));
  if (refusal.text.find_first_of("\r\n") == std::string::npos) {
    check(refusal, encode(refusal, ErrorShape::text, ""));
    check(refusal, encode(refusal, ErrorShape::handler, ""));
  }
  if (!noports::is_utf8(to_error(refusal).what())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (line.find('\n') != line.npos) return 0;
  const auto answer = decode_answer(line);
  if (const auto* text = std::get_if<Data>(&answer)) check(answer, encode(*text, ""));
  if (const auto* push = std::get_if<Push>(&answer)) check(answer, encode(*push));
  if (const auto* refusal = std::get_if<Refusal>(&answer)) check_refusal(*refusal);
  return 0;
}
