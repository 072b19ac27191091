// SPDX-License-Identifier: BSD-3-Clause
// The name of one session: a UUID and nothing else, because it becomes part of key names, file
// names and comments (security-findings.md S6).
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "noports/base/result.hpp"

namespace noports::proto {

// A UUID in lower case.
class SessionId {
 public:
  // bad_syntax for all but 8-4-4-4-12 hexadecimal digits, either case.
  static Result<SessionId> parse(std::string_view text);
  static SessionId fresh();  // version 4, random
  const std::string& str() const noexcept { return text_; }
  auto operator<=>(const SessionId&) const = default;

 private:
  explicit SessionId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace noports::proto
