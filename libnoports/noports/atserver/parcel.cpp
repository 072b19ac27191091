// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/parcel.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "noports/atserver/account_tables.hpp"
#include "noports/crypto/base64.hpp"

namespace noports::atserver {
namespace {

using nlohmann::json;

constexpr auto kWrites = Statement::Kind::writes;

// --- reading -------------------------------------------------------------------------------------

Unexpected unusable(const char* why) { return fail(Errc::config, why); }

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

std::optional<ParcelRow> read_row(std::string table, const json& from) {
  if (!from.is_object()) return {};
  ParcelRow row;
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
Result<Parcel> read_header(const json& header) {
  if (header.at("format").get<std::string>() != kParcelFormat) {
    return unusable("it is no atSign of atplatform");
  }
  if (header.at("version") != kParcelVersion) {  // as numbers of any size
    return unusable("it was made by a newer version of atplatform");
  }
  auto atsign = at::Atsign::parse(header.at("atsign").get<std::string>());
  auto account = read_row("accounts", header.at("account"));
  if (!atsign || !account) return unusable("its first line is damaged");
  return Parcel{*std::move(atsign), *std::move(account), {}};
}

Result<Parcel> read_lines(std::istream& in) {
  std::string line;
  if (!std::getline(in, line)) return unusable("it cannot be read or is empty");
  auto parcel = read_header(json::parse(line));
  if (!parcel) return parcel;
  while (std::getline(in, line)) {
    const auto next = json::parse(line);
    if (next.contains("rows")) {
      if (next.at("rows") == parcel->rows.size() && in.peek() == EOF) {
        return parcel;
      }
      break;
    }
    auto row = read_row(next.at("table").get<std::string>(), next.at("row"));
    if (!row) break;
    parcel->rows.push_back(*std::move(row));
  }
  return unusable("it is damaged or not whole");
}

// --- putting -------------------------------------------------------------------------------------

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Names go into statements: they are those of the schema, whatever the file says.
bool fits_in(const ParcelRow& row, const std::vector<AccountTable>& tables) {
  const auto table = std::find_if(tables.begin(), tables.end(),
                                  [&](const AccountTable& one) { return one.name == row.table; });
  return table != tables.end() &&
         std::all_of(row.columns.begin(), row.columns.end(),
                     [&](const std::string& column) { return has(table->columns, column); });
}

void insert(Database& database, std::int64_t account, const ParcelRow& row) {
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

void set_account(Database& database, std::int64_t account, const ParcelRow& row) {
  for (std::size_t i = 0; i < row.columns.size(); ++i) {
    const auto sql = "UPDATE accounts SET " + row.columns[i] + " = ?1 WHERE id = ?2";
    Statement statement(database, sql.c_str(), kWrites);
    statement.run_with({row.values[i], Value{Value::Kind::number, account, {}}}).next();
  }
}

bool is_taken(Store& store, std::uint16_t port, std::int64_t by_others_than) {
  const auto all = store.accounts.all();
  return std::any_of(all.begin(), all.end(), [&](const Account& one) {
    return one.id != by_others_than && one.port == port;
  });
}

}  // namespace

Result<Parcel> read_parcel(std::istream& in) {
  try {
    return read_lines(in);
  } catch (const json::exception&) {
    return unusable("it is damaged or not whole");
  }
}

bool fits(Store& store, const Parcel& parcel) {
  const auto tables = account_tables(store.database());
  const auto columns = account_columns(store.database());
  return std::all_of(parcel.rows.begin(), parcel.rows.end(),
                     [&](const ParcelRow& row) { return fits_in(row, tables); }) &&
         std::all_of(parcel.account.columns.begin(), parcel.account.columns.end(),
                     [&](const std::string& name) { return has(columns, name); });
}

void put(Store& store, const Parcel& parcel) {
  const auto account = store.accounts.add(parcel.atsign);
  if (!account) return;  // objection() has looked
  set_account(store.database(), account->id, parcel.account);
  for (const auto& row : parcel.rows) insert(store.database(), account->id, row);
  const auto now = store.accounts.find(parcel.atsign);
  if (now && is_taken(store, now->port, now->id)) store.accounts.set_port(now->id, 0);
}

}  // namespace noports::atserver
