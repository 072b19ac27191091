// SPDX-License-Identifier: BSD-3-Clause
#include "common/bookmark.hpp"

#include <fstream>
#include <string>
#include <system_error>

#include "common/environment.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"

namespace noports::apps {

Bookmark::Bookmark(const std::string& name) {
  auto folder = state_folder();
  if (folder) {
    file_ = *folder / (name + ".seen");
  } else {
    log::warn("service", "cannot keep what was read last", {{"why", folder.error().what()}});
  }
}

std::optional<std::int64_t> Bookmark::load() const {
  std::ifstream file(file_);
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  return parse_signed(text);
}

void Bookmark::save(std::int64_t epoch_millis) {
  if (file_.empty() || epoch_millis <= saved_) return;
  auto beside = file_;
  beside += ".new";
  std::ofstream file(beside, std::ios::trunc);
  file << epoch_millis << '\n';
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(beside, file_, failed);
  if (!file || failed) {
    log::warn("service", "cannot keep what was read last", {{"file", file_.string()}});
    file_.clear();
  }
  saved_ = epoch_millis;
}

}  // namespace noports::apps
