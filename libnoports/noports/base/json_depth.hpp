// SPDX-License-Identifier: BSD-3-Clause
// How deep a peer's JSON is, before anything is built of it: documents are copied, written and
// destroyed recursively, so that a deep one overflows the stack.
#pragma once

#include <cstddef>
#include <string_view>

namespace noports {

// Nothing that the protocols say in JSON has more than three levels.
inline constexpr std::size_t kDeepestJson = 8;

// Whether at most `deepest` arrays and objects of `json` are open at once. Counts right up to the
// first error of syntax, and so for everything that a parser builds; no JSON may be shallow.
bool is_shallow_json(std::string_view json, std::size_t deepest = kDeepestJson) noexcept;

}  // namespace noports
