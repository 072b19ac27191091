// SPDX-License-Identifier: BSD-3-Clause
#include "noports/base/json_depth.hpp"

namespace noports {

bool is_shallow_json(std::string_view json, std::size_t deepest) noexcept {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') in_text = !in_text;
    if (in_text) {
      if (c == '\\') ++i;  // what is escaped does not end the text
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return false;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return true;
}

}  // namespace noports
