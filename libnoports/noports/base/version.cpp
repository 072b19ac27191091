// SPDX-License-Identifier: BSD-3-Clause
#include "noports/base/version.hpp"

namespace noports {

std::string_view version() noexcept { return NOPORTS_VERSION; }

std::string version_line() {
  const std::string_view commit = NOPORTS_COMMIT;
  std::string line = "Version : ";
  line.append(version()).append(" (core: ").append(version());
  if (!commit.empty()) line.append("+").append(commit);
  return line + ")";
}

}  // namespace noports
