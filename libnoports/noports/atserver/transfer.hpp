// SPDX-License-Identifier: BSD-3-Clause
// One atSign as a file: everything that a platform keeps of it, to be put on another platform.
//
// Lines of JSON: a header {"format","version","atsign","account"}, for each row
// {"table","row":{column: value}}, and {"rows": how many} as the end. A text that is no UTF-8
// stands as {"text": base64}, a blob as {"blob": base64}.
#pragma once

#include <filesystem>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"

namespace noports::atserver {

// Makes `file` (0600), with the secrets of the atSign in it. What it holds is of one moment, also
// while the platform is being served. not_found when the atSign is not there; config when there is
// such a file.
Result<void> export_atsign(const std::filesystem::path& dir, const at::Atsign& atsign,
                           const std::filesystem::path& file);

// Puts the atSign of `file` into the platform of `dir` and returns its name. It keeps its port if
// no other atSign there has it. All of it is there or nothing. config when the atSign is there
// already, when others can read the file, or when it is not whole or of a newer version.
Result<at::Atsign> import_atsign(const std::filesystem::path& dir,
                                 const std::filesystem::path& file);

}  // namespace noports::atserver
