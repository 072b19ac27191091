// SPDX-License-Identifier: BSD-3-Clause
#include "noports/at/atsign.hpp"

#include <algorithm>

#include "noports/at/pieces.hpp"
#include "noports/base/text.hpp"

namespace noports::at {
namespace {

constexpr std::string_view kReserved = "@!*'`();:&=+$,/?#[]{}";
constexpr std::ptrdiff_t kMaxCharacters = 55;  // without the '@'

std::ptrdiff_t count_characters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

}  // namespace

Result<Atsign> Atsign::parse(std::string_view text) {
  take(text, "@");
  auto name = lower(text);
  name.erase(std::remove(name.begin(), name.end(), '.'), name.end());
  if (name.empty()) return fail(Errc::bad_syntax, "an atSign must have a name");
  if (!is_visible(name)) {
    return fail(Errc::bad_syntax, "an atSign must be UTF-8 without blanks and control characters");
  }
  if (name.find_first_of(kReserved) != name.npos) {
    return fail(Errc::bad_syntax, "an atSign must not hold a second '@' or one of " +
                                      std::string(kReserved.substr(1)));
  }
  if (count_characters(name) > kMaxCharacters) {
    return fail(Errc::bad_syntax, "an atSign must not have more than 55 characters");
  }
  return Atsign("@" + name);
}

}  // namespace noports::at
