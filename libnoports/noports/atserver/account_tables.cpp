// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/account_tables.hpp"

#include <algorithm>

namespace noports::atserver {
namespace {

struct Column {
  std::string table, name, type;
  bool is_key = false;
};

std::vector<Column> all_columns(Database& database) {
  Statement statement(database,
                      "SELECT t.name, c.name, c.type, c.pk FROM sqlite_schema t "
                      "JOIN pragma_table_info(t.name) c WHERE t.type = 'table' "
                      "ORDER BY t.name, c.cid");
  std::vector<Column> columns;
  auto rows = statement.run();
  while (rows.next()) {
    Column column{std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2)),
                  rows.number(3) != 0};
    columns.push_back(std::move(column));
  }
  return columns;
}

AccountTable table_of(const std::vector<Column>& columns) {
  AccountTable table;
  table.name = columns.front().table;
  const auto keys = std::count_if(columns.begin(), columns.end(),
                                  [](const Column& column) { return column.is_key; });
  for (const auto& column : columns) {
    // SQLite's own word for a row's number: INTEGER PRIMARY KEY.
    const bool is_number = column.is_key && keys == 1 && column.type == "INTEGER";
    if (column.is_key) table.order += (table.order.empty() ? "" : ", ") + column.name;
    if (!is_number && column.name != "account") table.columns.push_back(column.name);
  }
  if (table.order.empty()) table.order = "rowid";
  return table;
}

}  // namespace

std::vector<AccountTable> account_tables(Database& database) {
  const auto columns = all_columns(database);
  std::vector<AccountTable> tables;
  for (auto first = columns.begin(); first != columns.end();) {
    const auto last = std::find_if(
        first, columns.end(), [&](const Column& column) { return column.table != first->table; });
    const bool is_of_account =
        std::any_of(first, last, [](const Column& column) { return column.name == "account"; });
    if (is_of_account) tables.push_back(table_of({first, last}));
    first = last;
  }
  return tables;
}

std::vector<std::string> account_columns(Database& database) {
  std::vector<std::string> names;
  for (const auto& column : all_columns(database)) {
    if (column.table == "accounts" && column.name != "id" && column.name != "atsign") {
      names.push_back(column.name);
    }
  }
  return names;
}

}  // namespace noports::atserver
