// SPDX-License-Identifier: BSD-3-Clause
// What the commands print on stdout: as the reference does (keys-and-enrollment.md 5.4), or as
// JSON.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "noports/activate/enrolment.hpp"

namespace noports::apps::at_activate {

// The table of `list`, with its head.
std::string as_table(const std::vector<activate::Enrolment>& all);
// "{appName: noports, deviceName: lab, ...}"
std::string as_map(const activate::Enrolment& one);

// One line each, with its end; what a peer chose is escaped.
std::string as_json(const std::vector<activate::Enrolment>& all);
std::string as_json(const activate::Enrolment& one);
std::string members_as_json(const std::vector<std::pair<std::string_view, std::string>>& members);
// {"status":0,"reason":"..."}
std::string status_as_json(int number, const std::string& why);

}  // namespace noports::apps::at_activate
