// SPDX-License-Identifier: BSD-3-Clause
// What `atplatform list --json` prints.
#pragma once

#include <string>
#include <vector>

#include "noports/atserver/administration.hpp"

namespace noports::apps::atplatform {

// [{"atsign":"@alice","port":14071,"activated":true}, ...]; port is null when none was given yet.
// One of a platform that has joined: {..., "activated":null,"joined":"b.example.net:10301"}.
std::string json_text(const std::vector<atserver::Listed>& atsigns);

}  // namespace noports::apps::atplatform
