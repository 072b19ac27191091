// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/pattern.hpp"

#include <re2/re2.h>

namespace noports::atserver {
namespace {

// Device lists and monitors use some dozens of bytes; a thousand monitors keep their programs in
// memory.
constexpr std::size_t kLongest = 1024;
constexpr std::int64_t kMemory = 256 * 1024;

}  // namespace

Result<Pattern> Pattern::make(std::string_view text) {
  Pattern pattern;
  if (text.empty() || text == ".*") return pattern;
  if (text.size() > kLongest) return fail(Errc::bad_syntax, "the expression is too long");
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  options.set_never_capture(true);
  auto expression =
      std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!expression->ok()) return fail(Errc::bad_syntax, "not a valid expression");
  pattern.expression_ = std::move(expression);
  return pattern;
}

bool Pattern::found_in(std::string_view text) const {
  return !expression_ ||
         re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
}

}  // namespace noports::atserver
