// SPDX-License-Identifier: BSD-3-Clause
// Which enrolments a command is about (keys-and-enrollment.md 5.3, with the correction of 7.4).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "noports/activate/enrolment.hpp"
#include "noports/base/result.hpp"

namespace noports::activate {

// Compared with the whole name, byte by byte: "noports" is not "notnoports".
class Selector {
 public:
  // Names that are absent match everything. With `is_regex` they are regular expressions (RE2) that
  // are searched anywhere in the name, as the reference does it; config for one that is malformed.
  static Result<Selector> make(std::optional<std::string> app, std::optional<std::string> device,
                               bool is_regex);

  bool matches(const Enrolment& one) const;

 private:
  struct Name;
  std::shared_ptr<const Name> app_, device_;  // null: everything
};

}  // namespace noports::activate
