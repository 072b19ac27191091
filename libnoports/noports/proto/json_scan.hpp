// SPDX-License-Identifier: BSD-3-Clause
// The pass over a JSON text that comes before anything in it is believed: is it JSON, within the
// limits of json.hpp, with no name twice in one object? And where do the objects directly below
// the root stand? Internal to proto.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "noports/base/result.hpp"

namespace noports::proto::json {

// An object that is a member of the root: text[begin, end) from its '{' to its '}'.
struct ObjectMember {
  std::string name;  // unescaped
  std::size_t begin = 0, end = 0;
};

// bad_syntax with the reason; it quotes nothing of the text.
Result<std::vector<ObjectMember>> scan(std::string_view text);

}  // namespace noports::proto::json
