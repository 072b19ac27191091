// SPDX-License-Identifier: BSD-3-Clause
// Who asks an atSign and for what, since the program started: figures for its owner, not kept on
// disk (atprotocol-wire.md 3.17). Pure, and bounded whatever visitors make up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace noports::atserver {

// How often each of the most frequent names occurred. A new name takes the place, and the count, of
// the least frequent one when there are kMost: then counts are upper bounds.
class Frequencies {
 public:
  static constexpr std::size_t kMost = 64;
  void note(std::string_view name);
  // The most frequent ones, at most `limit`, in falling order.
  std::vector<std::pair<std::string, std::uint64_t>> top(std::size_t limit) const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

struct Visits {
  Frequencies atsigns, keys;
  // Milliseconds since 1970, of the last success.
  std::optional<std::int64_t> login, pkam;
};

}  // namespace noports::atserver
