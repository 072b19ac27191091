// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/accounts.hpp"

#include "noports/atserver/account_tables.hpp"

namespace noports::atserver {
namespace {

constexpr auto kWrites = Statement::Kind::writes;

// Columns id, atsign, port. The name was an Atsign when it was stored.
std::optional<Account> account_of(const Rows& row) {
  auto atsign = at::Atsign::parse(row.text(1));
  if (!atsign) return std::nullopt;
  return Account{row.number(0), *std::move(atsign), static_cast<std::uint16_t>(row.number(2))};
}

}  // namespace

Accounts::Accounts(Database& database)
    : database_(database),
      find_(database, "SELECT id, atsign, port FROM accounts WHERE atsign = ?1"),
      find_by_id_(database, "SELECT id, atsign, port FROM accounts WHERE id = ?1"),
      all_(database, "SELECT id, atsign, port FROM accounts ORDER BY atsign"),
      add_(database,
           "INSERT INTO accounts(id, atsign) SELECT 1 + max("
           "ifnull((SELECT max(id) FROM accounts), 0), ifnull((SELECT CAST(value AS INTEGER) "
           "FROM settings WHERE name = 'last_removed_account'), 0)), ?1 "
           "WHERE true ON CONFLICT DO NOTHING RETURNING id, atsign, port",
           kWrites),
      remember_last_(database,
                     "INSERT INTO settings(name, value) VALUES('last_removed_account', ?1) "
                     "ON CONFLICT(name) DO UPDATE SET value = "
                     "max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))",
                     kWrites),
      remove_(database, "DELETE FROM accounts WHERE id = ?1", kWrites),
      set_port_(database, "UPDATE accounts SET port = ?2 WHERE id = ?1", kWrites),
      setting_(database, "SELECT value FROM settings WHERE name = ?1"),
      set_setting_(database,
                   "INSERT INTO settings(name, value) VALUES(?1, ?2) "
                   "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                   kWrites) {}

std::optional<Account> Accounts::find(const at::Atsign& atsign) {
  auto rows = find_.run(atsign.str());
  if (!rows.next()) return std::nullopt;
  return account_of(rows);
}

std::optional<Account> Accounts::find(std::int64_t id) {
  auto rows = find_by_id_.run(id);
  if (!rows.next()) return std::nullopt;
  return account_of(rows);
}

std::vector<Account> Accounts::all() {
  std::vector<Account> accounts;
  auto rows = all_.run();
  while (rows.next()) {
    if (auto account = account_of(rows)) accounts.push_back(*std::move(account));
  }
  return accounts;
}

std::optional<Account> Accounts::add(const at::Atsign& atsign) {
  auto rows = add_.run(atsign.str());
  if (!rows.next()) return std::nullopt;
  auto account = account_of(rows);
  rows.next();  // to the end, so that the insertion is complete
  return account;
}

void Accounts::remove(std::int64_t account) {
  for (const auto& table : account_tables(database_)) {
    const auto sql = "DELETE FROM " + table.name + " WHERE account = ?1";
    Statement(database_, sql.c_str(), kWrites).apply(account);
  }
  remember_last_.apply(account);
  remove_.apply(account);
}

void Accounts::set_port(std::int64_t account, std::uint16_t port) {
  set_port_.apply(account, port);
}

std::optional<std::string> Accounts::setting(std::string_view name) {
  auto rows = setting_.run(name);
  if (!rows.next()) return std::nullopt;
  return std::string(rows.text(0));
}

void Accounts::set_setting(std::string_view name, std::string_view value) {
  set_setting_.apply(name, value);
}

}  // namespace noports::atserver
