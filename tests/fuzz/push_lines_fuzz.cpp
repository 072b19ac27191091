// SPDX-License-Identifier: BSD-3-Clause
// The lines are the same however their bytes are cut, and none is longer than the limit.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "noports/atclient/push_lines.hpp"

namespace {

std::vector<std::string> lines_of(std::string_view text, std::size_t piece) {
  constexpr std::size_t kLimit = 16;
  noports::atclient::PushLines lines(kLimit);
  std::vector<std::string> found;
  while (!text.empty()) {
    lines.feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
    while (auto line = lines.next()) {
      if (line->size() > kLimit) std::abort();
      found.push_back(*std::move(line));
    }
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (lines_of(text, 1 + data[0] % 32) != lines_of(text, size)) std::abort();
  return 0;
}
