// SPDX-License-Identifier: BSD-3-Clause
// A regular expression of a peer, in linear time and bounded memory (RE2).
#pragma once

#include <memory>
#include <string_view>

#include "noports/base/result.hpp"

namespace re2 {
class RE2;
}

namespace noports::atserver {

class Pattern {
 public:
  // Finds everything.
  Pattern() = default;
  // bad_syntax for what is no expression, is longer than 1 KiB or would need more than 256 KiB.
  // Empty and ".*" find everything.
  static Result<Pattern> make(std::string_view text);

  // Anywhere in `text`, case matters.
  bool found_in(std::string_view text) const;

 private:
  std::shared_ptr<const re2::RE2> expression_;  // null: everything
};

}  // namespace noports::atserver
