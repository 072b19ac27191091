// SPDX-License-Identifier: BSD-3-Clause
// How far a service has read its letters, kept over restarts: what came while it was down is still
// answered, and nothing is answered twice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace noports::apps {

// A small file in the state folder. Best effort: without it a service starts at "now".
class Bookmark {
 public:
  // `name` tells services apart, e.g. "sshnpd-@device-lab".
  explicit Bookmark(const std::string& name);

  // ms since 1970 by the atServer's clock; nothing at the first start.
  std::optional<std::int64_t> load() const;
  // Replaces the file in one step. Only forwards.
  void save(std::int64_t epoch_millis);

 private:
  std::filesystem::path file_;  // empty: there is no folder to keep it in
  std::int64_t saved_ = 0;
};

}  // namespace noports::apps
