// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/transfer.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "noports/atserver/account_tables.hpp"
#include "noports/atserver/files.hpp"
#include "noports/atserver/store.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"

namespace noports::atserver {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFormat = "atplatform atSign";
constexpr int kVersion = 1;
constexpr auto kWrites = Statement::Kind::writes;

// --- values --------------------------------------------------------------------------------------

json to_json(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return nullptr;
    case Value::Kind::number:
      return value.number;
    case Value::Kind::blob:
      return {{"blob", crypto::base64(value.bytes)}};
    case Value::Kind::text:
      break;
  }
  if (is_utf8(value.bytes)) return value.bytes;
  return {{"text", crypto::base64(value.bytes)}};
}

std::optional<Value> to_value(const json& from) {
  if (from.is_null()) return Value();
  if (from.is_number_integer()) return Value{Value::Kind::number, from.get<std::int64_t>(), {}};
  if (from.is_string()) return Value{Value::Kind::text, 0, from.get<std::string>()};
  if (!from.is_object() || from.size() != 1 || !from.begin().value().is_string()) return {};
  const auto bytes = crypto::base64_decode(from.begin().value().get<std::string>());
  if (!bytes) return {};
  if (from.begin().key() == "text") return Value{Value::Kind::text, 0, *bytes};
  if (from.begin().key() == "blob") return Value{Value::Kind::blob, 0, *bytes};
  return {};
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

json row_of(const Rows& rows, const std::vector<std::string>& columns) {
  json row = json::object();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    row[columns[i]] = to_json(rows.value(static_cast<int>(i)));
  }
  return row;
}

// --- out -----------------------------------------------------------------------------------------

// Within a Scope of one moment. The error is the file's; the store's shows when the scope ends.
Result<void> write_rows(Database& database, const Account& account, NewFile& file) {
  const auto write = [&file](const json& line) { return file.append(line.dump() + "\n"); };
  const auto columns = account_columns(database);
  json header = {{"format", kFormat}, {"version", kVersion}, {"atsign", account.atsign.str()}};
  {
    const auto sql = "SELECT " + list_of(columns) + " FROM accounts WHERE id = ?1";
    Statement statement(database, sql.c_str());
    auto rows = statement.run(account.id);
    if (rows.next()) header["account"] = row_of(rows, columns);
  }
  auto written = write(header);
  std::int64_t count = 0;
  for (const auto& table : account_tables(database)) {
    const auto sql = "SELECT " + list_of(table.columns) + " FROM " + table.name +
                     " WHERE account = ?1 ORDER BY " + table.order;
    Statement statement(database, sql.c_str());
    auto rows = statement.run(account.id);
    while (written && rows.next()) {
      written = write({{"table", table.name}, {"row", row_of(rows, table.columns)}});
      ++count;
    }
  }
  if (written) written = write({{"rows", count}});
  return written;
}

// --- in ------------------------------------------------------------------------------------------

struct Row {
  std::string table;
  std::vector<std::string> columns;
  std::vector<Value> values;
};
struct Parcel {
  at::Atsign atsign;
  Row account;
  std::vector<Row> rows;
};

Error refusal(const fs::path& file, const std::string& why) {
  return Error(Errc::config, file.string() + " cannot be imported: " + why)
      .hint("export the atSign again");
}
Unexpected unusable(const fs::path& file, const std::string& why) {
  return fail(refusal(file, why));
}

std::optional<Row> read_row(std::string table, const json& from) {
  if (!from.is_object()) return {};
  Row row;
  row.table = std::move(table);
  for (const auto& [column, value] : from.items()) {
    auto read = to_value(value);
    if (!read) return {};
    row.columns.push_back(column);
    row.values.push_back(*std::move(read));
  }
  return row;
}

// Throws json::exception for members that are missing or of another type.
Result<Parcel> read_header(const fs::path& file, const json& header) {
  if (header.at("format").get<std::string>() != kFormat) {
    return unusable(file, "it is no atSign of atplatform");
  }
  if (header.at("version").get<int>() != kVersion) {
    return unusable(file, "it was made by a newer version of atplatform");
  }
  auto atsign = at::Atsign::parse(header.at("atsign").get<std::string>());
  auto account = read_row("accounts", header.at("account"));
  if (!atsign || !account) return unusable(file, "its first line is damaged");
  return Parcel{*std::move(atsign), *std::move(account), {}};
}

Result<Parcel> read_lines(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  if (!std::getline(in, line)) return unusable(file, "it cannot be read or is empty");
  auto parcel = read_header(file, json::parse(line));
  if (!parcel) return parcel;
  while (std::getline(in, line)) {
    const auto next = json::parse(line);
    if (next.contains("rows")) {
      if (next.at("rows").get<std::size_t>() == parcel->rows.size() && in.peek() == EOF) {
        return parcel;
      }
      break;
    }
    auto row = read_row(next.at("table").get<std::string>(), next.at("row"));
    if (!row) break;
    parcel->rows.push_back(*std::move(row));
  }
  return unusable(file, "it is damaged or not whole");
}

Result<Parcel> read(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    return fail(Errc::not_found, file.string() + " cannot be read");
  }
  if ((status.st_mode & 077) != 0) {
    return fail(Error(Errc::config, "others can read " + file.string() + ", which holds secrets")
                    .hint("run chmod 600 " + file.string()));
  }
  try {
    return read_lines(file);
  } catch (const json::exception&) {
    return unusable(file, "it is damaged or not whole");
  }
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Names go into statements: they are those of the schema, whatever the file says.
bool fits(const Row& row, const std::vector<AccountTable>& tables) {
  const auto table = std::find_if(tables.begin(), tables.end(),
                                  [&](const AccountTable& one) { return one.name == row.table; });
  return table != tables.end() &&
         std::all_of(row.columns.begin(), row.columns.end(),
                     [&](const std::string& column) { return has(table->columns, column); });
}

void insert(Database& database, std::int64_t account, const Row& row) {
  auto columns = row.columns;
  auto values = row.values;
  columns.push_back("account");
  values.push_back(Value{Value::Kind::number, account, {}});
  std::string marks = "?";
  for (std::size_t i = 1; i < columns.size(); ++i) marks += ", ?";
  const auto sql = "INSERT INTO " + row.table + "(" + list_of(columns) + ") VALUES(" + marks + ")";
  Statement statement(database, sql.c_str(), kWrites);
  statement.run_with(values).next();
}

void set_account(Database& database, std::int64_t account, const Row& row) {
  for (std::size_t i = 0; i < row.columns.size(); ++i) {
    const auto sql = "UPDATE accounts SET " + row.columns[i] + " = ?1 WHERE id = ?2";
    Statement statement(database, sql.c_str(), kWrites);
    statement.run_with({row.values[i], Value{Value::Kind::number, account, {}}}).next();
  }
}

// What keeps a parcel out; within a Scope.
std::optional<Error> objection(Store& store, const Parcel& parcel, const fs::path& file) {
  if (store.accounts.find(parcel.atsign)) {
    return Error(Errc::config, parcel.atsign.str() + " is on this platform already")
        .hint("remove it first if the file is to take its place");
  }
  const auto tables = account_tables(store.database());
  const auto columns = account_columns(store.database());
  const bool known = std::all_of(parcel.rows.begin(), parcel.rows.end(),
                                 [&](const Row& row) { return fits(row, tables); }) &&
                     std::all_of(parcel.account.columns.begin(), parcel.account.columns.end(),
                                 [&](const std::string& name) { return has(columns, name); });
  if (known) return {};
  return refusal(file, "it was made by a newer version of atplatform");
}

bool is_taken(Store& store, std::uint16_t port, std::int64_t by_others_than) {
  const auto all = store.accounts.all();
  return std::any_of(all.begin(), all.end(), [&](const Account& one) {
    return one.id != by_others_than && one.port == port;
  });
}

void put(Store& store, const Parcel& parcel) {
  const auto account = store.accounts.add(parcel.atsign);
  if (!account) return;  // objection() has looked
  set_account(store.database(), account->id, parcel.account);
  for (const auto& row : parcel.rows) insert(store.database(), account->id, row);
  const auto now = store.accounts.find(parcel.atsign);
  if (now && is_taken(store, now->port, now->id)) store.accounts.set_port(now->id, 0);
}

}  // namespace

Result<void> export_atsign(const fs::path& dir, const at::Atsign& atsign, const fs::path& file) {
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  auto& database = (*store)->database();
  if (auto held = database.hold_moment(); !held) return held;
  Database::Scope scope(database);
  const auto account = (*store)->accounts.find(atsign);
  if (!account) return fail(Errc::not_found, atsign.str() + " is not on this platform");
  auto made = NewFile::create(file);
  if (!made) return fail(std::move(made).error());
  auto written = write_rows(database, *account, *made);
  const auto was_read = scope.finish();
  if (!was_read) return was_read;
  if (!written) return written;
  return made->finish();
}

Result<at::Atsign> import_atsign(const fs::path& dir, const fs::path& file) {
  auto parcel = read(file);
  if (!parcel) return fail(std::move(parcel).error());
  auto store = Store::open_in(dir);
  if (!store) return fail(std::move(store).error());
  {
    Database::Scope scope((*store)->database());
    if (auto against = objection(**store, *parcel, file)) return fail(*std::move(against));
    put(**store, *parcel);
    if (auto done = scope.finish(); !done) return fail(std::move(done).error());
  }
  if (auto kept = (*store)->commit(); !kept) return fail(std::move(kept).error());
  return std::move(parcel->atsign);
}

}  // namespace noports::atserver
