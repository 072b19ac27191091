// SPDX-License-Identifier: BSD-3-Clause
// Which tables hold rows of single atSigns: those with a column `account`. Read from the schema, so
// that removing, exporting and importing an atSign cannot forget a table.
#pragma once

#include <string>
#include <vector>

#include "noports/atserver/database.hpp"

namespace noports::atserver {

struct AccountTable {
  std::string name;
  // Without `account` and without the row's number, which means something in one store only.
  std::vector<std::string> columns;
  std::string order;  // what ORDER BY takes: the row's number, or the primary key
};

// By name. Belongs in a Database::Scope.
std::vector<AccountTable> account_tables(Database& database);

// The columns of `accounts` that move with an atSign: all but its id and its name.
std::vector<std::string> account_columns(Database& database);

}  // namespace noports::atserver
