// SPDX-License-Identifier: BSD-3-Clause
// Whom an atSign lets in: all but those on its block list, and of these only those on its allow
// list while that is not empty (atprotocol-wire.md 3.19). What is public is public: that is not
// asked here.
#pragma once

#include <string>
#include <vector>

#include "noports/at/verb.hpp"
#include "noports/atserver/accounts.hpp"
#include "noports/atserver/records.hpp"

namespace noports::atserver {

// A list as it is stored, in the order of adding. All calls belong in a Database::Scope.
std::vector<std::string> reach_list(Records& records, const Account& owner, at::Config::List list);
void set_reach_list(Records& records, const Account& owner, at::Config::List list,
                    const std::vector<std::string>& atsigns, std::int64_t now);

// Whether `other` may ask for what is shared with it, notify, and prove itself. The owner always.
bool may_reach(Records& records, const Account& owner, const at::Atsign& other);

}  // namespace noports::atserver
