// SPDX-License-Identifier: BSD-3-Clause
// "@alice": well formed and normalised, or not made.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"

namespace noports::at {

class Atsign {
 public:
  // What a human types and what peers send: lower-cased, '@' added when missing, dots removed
  // (cli-and-packaging.md 1.2). bad_syntax for empty names, a second '@', blanks, control
  // characters, the reserved characters, more than 55 characters, or bytes that are not UTF-8.
  static Result<Atsign> parse(std::string_view text);

  const std::string& str() const noexcept { return text_; }                             // "@alice"
  std::string_view name() const noexcept { return std::string_view(text_).substr(1); }  // "alice"

  auto operator<=>(const Atsign&) const = default;

 private:
  explicit Atsign(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace noports::at
