// SPDX-License-Identifier: BSD-3-Clause
// What a relay says before it has an answer is a challenge, the beginning of one, or refused; never
// more than the limit, and the same whether it comes in one piece or in two.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "noports/bridge/challenge.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view heard(reinterpret_cast<const char*>(data), size);
  const auto found = noports::bridge::challenge_in(heard);
  if (found && !*found && heard.size() > noports::bridge::kLongestChallenge) std::abort();
  if (found && *found && (*found)->size() >= noports::bridge::kLongestChallenge) std::abort();
  // What is refused or whole is so before its last byte too, or needs exactly that byte.
  if (!heard.empty()) {
    const auto before = noports::bridge::challenge_in(heard.substr(0, heard.size() - 1));
    if (found && (!before || *before)) std::abort();
  }
  return 0;
}
