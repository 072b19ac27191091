// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/records.hpp"

#include <utility>

#include "noports/atserver/enrolment_names.hpp"

namespace noports::atserver {
namespace {

constexpr auto kWrites = Statement::Kind::writes;

// 6.6. The owner's secrets, hidden public records and what belongs to enrolments stay out.
bool is_committed(std::string_view key) {
  if (key.starts_with("private:") || key.starts_with("privatekey:") || key.starts_with("local:")) {
    return false;
  }
  if (key.starts_with("public:_")) return key.starts_with("public:__");
  const auto name = key.substr(0, key.rfind('@'));
  if (name.ends_with(".__manage") || name.ends_with(".__public_keys")) return false;
  return name.find(".__public_keys.") == name.npos && name.find(".__self_keys.") == name.npos;
}

}  // namespace

void set_lifetimes(Record& record) {
  const auto& said = record.metadata;
  const auto set = [](const std::optional<std::int64_t>& span) { return span && *span > 0; };
  record.available.reset();
  record.expires.reset();
  record.refresh.reset();
  if (set(said.ttb)) record.available = record.updated + *said.ttb;
  if (set(said.ttl)) record.expires = record.available.value_or(record.updated) + *said.ttl;
  if (set(said.ttr)) record.refresh = record.updated + *said.ttr * 1000;
}

Records::Records(Database& database)
    : find_(database,
            "SELECT value, metadata, created, updated, version, available, expires, refresh "
            "FROM records WHERE account = ?1 AND key = ?2"),
      put_(database,
           "INSERT INTO records(account, key, value, metadata, created, updated, version, "
           "available, expires, refresh) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
           "ON CONFLICT(account, key) DO UPDATE SET value = excluded.value, "
           "metadata = excluded.metadata, created = excluded.created, "
           "updated = excluded.updated, version = excluded.version, "
           "available = excluded.available, expires = excluded.expires, "
           "refresh = excluded.refresh",
           kWrites),
      erase_(database, "DELETE FROM records WHERE account = ?1 AND key = ?2", kWrites),
      keys_(database,
            "SELECT key FROM records WHERE account = ?1 AND coalesce(available, 0) <= ?2 "
            "AND coalesce(expires, ?2 + 1) > ?2 ORDER BY id"),
      ending_(database,
              "SELECT key FROM records WHERE account = ?1 AND substr(key, -length(?2)) = ?2 "
              "ORDER BY id"),
      expired_(database, "SELECT account, key FROM records WHERE expires <= ?1 LIMIT ?2"),
      next_commit_(database,
                   "UPDATE accounts SET last_commit = last_commit + 1 WHERE id = ?1 "
                   "RETURNING last_commit",
                   kWrites),
      log_(database,
           "INSERT INTO commits(account, key, id, operation) VALUES(?1, ?2, ?3, ?4) "
           "ON CONFLICT(account, key) DO UPDATE SET id = excluded.id, "
           "operation = excluded.operation",
           kWrites),
      changes_(database,
               "SELECT id, key, operation FROM commits WHERE account = ?1 AND id > ?2 "
               "ORDER BY id LIMIT ?3"),
      last_commit_(database, "SELECT last_commit FROM accounts WHERE id = ?1"),
      size_(database,
            "SELECT coalesce(sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))), 0) "
            "FROM records WHERE account = ?1") {}

std::optional<Record> Records::find(std::int64_t account, std::string_view key) {
  auto rows = find_.run(account, key);
  if (!rows.next()) return std::nullopt;
  Record record;
  record.key = key;
  record.value = rows.text(0);
  auto said = rows.text(1);
  if (auto metadata = at::take_metadata(said)) record.metadata = *std::move(metadata);
  record.created = rows.number(2);
  record.updated = rows.number(3);
  record.version = rows.number(4);
  record.available = rows.maybe_number(5);
  record.expires = rows.maybe_number(6);
  record.refresh = rows.maybe_number(7);
  return record;
}

std::int64_t Records::put(std::int64_t account, const Record& record, std::string_view operation) {
  const std::string metadata = at::encode(record.metadata);
  put_.apply(account, record.key, record.value, metadata, record.created, record.updated,
             record.version, record.available, record.expires, record.refresh);
  return commit(account, record.key, operation);
}

std::int64_t Records::erase(std::int64_t account, std::string_view key) {
  erase_.apply(account, key);
  return commit(account, key, "-");
}

std::int64_t Records::commit(std::int64_t account, std::string_view key,
                             std::string_view operation) {
  if (!is_committed(key)) return -1;
  committed_.insert(account);
  std::int64_t id = -1;
  {
    auto rows = next_commit_.run(account);
    if (rows.next()) id = rows.number(0);
    rows.next();
  }
  log_.apply(account, key, id, operation);
  return id;
}

std::set<std::int64_t> Records::take_committed() { return std::exchange(committed_, {}); }

std::vector<std::string> Records::keys(std::int64_t account, std::int64_t now) {
  std::vector<std::string> keys;
  auto rows = keys_.run(account, now);
  while (rows.next()) keys.emplace_back(rows.text(0));
  return keys;
}

std::vector<std::string> Records::keys_ending(std::int64_t account, std::string_view end) {
  std::vector<std::string> keys;
  auto rows = ending_.run(account, end);
  while (rows.next()) keys.emplace_back(rows.text(0));
  return keys;
}

std::vector<Change> Records::changes(std::int64_t account, std::int64_t after, std::size_t limit) {
  std::vector<Change> changes;
  auto rows = changes_.run(account, after, static_cast<std::int64_t>(limit));
  while (rows.next()) {
    changes.push_back({rows.number(0), std::string(rows.text(1)), std::string(rows.text(2))});
  }
  return changes;
}

std::int64_t Records::last_commit(std::int64_t account) {
  auto rows = last_commit_.run(account);
  return rows.next() ? rows.number(0) : -1;
}

std::int64_t Records::size(std::int64_t account) {
  auto rows = size_.run(account);
  return rows.next() ? rows.number(0) : 0;
}

std::size_t Records::sweep(std::int64_t now, std::size_t limit) {
  std::vector<std::pair<std::int64_t, std::string>> expired;
  {
    auto rows = expired_.run(now, static_cast<std::int64_t>(limit));
    while (rows.next()) expired.emplace_back(rows.number(0), rows.text(1));
  }
  for (const auto& [account, key] : expired) {
    if (const auto id = enrolment_of(key)) {
      const auto owner = std::string_view(key).substr(key.rfind('@'));
      withdraw(*this, account, owner, *id, Withdrawal::deleted, now);
    }
    erase(account, key);
  }
  return expired.size();
}

}  // namespace noports::atserver
