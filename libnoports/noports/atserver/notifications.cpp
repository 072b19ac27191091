// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/notifications.hpp"

#include <algorithm>

#include "noports/at/answer.hpp"

namespace noports::atserver {
namespace {

constexpr auto kWrites = Statement::Kind::writes;

// Column `direction`.
constexpr std::int64_t kReceived = 0, kSent = 1;

Value text_or_null(const std::optional<std::string>& text) {
  Value value;
  if (!text) return value;
  value.kind = Value::Kind::text;
  value.bytes = *text;
  return value;
}

}  // namespace

Notifications::Notifications(Database& database)
    : insert_(database,
              "INSERT INTO notifications(account, id, direction, peer, epoch, expires, status, "
              "key, line, latest) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
              "ON CONFLICT DO NOTHING",
              kWrites),
      // The clock may stand still or go back; the epoch does not.
      next_epoch_(database,
                  "UPDATE accounts SET last_epoch = max(last_epoch + 1, ?2) WHERE id = ?1 "
                  "RETURNING last_epoch",
                  kWrites),
      last_epoch_(database, "SELECT last_epoch FROM accounts WHERE id = ?1"),
      find_(database,
            "SELECT direction, peer, epoch, expires, status, key, line, retries "
            "FROM notifications WHERE account = ?1 AND id = ?2 ORDER BY direction DESC LIMIT 1"),
      remove_(database, "UPDATE notifications SET line = NULL WHERE account = ?1 AND id = ?2",
              kWrites),
      after_(database,
             "SELECT key, peer, epoch, line FROM notifications WHERE account = ?1 "
             "AND direction = 0 AND epoch > ?2 AND expires > ?3 AND line IS NOT NULL "
             "ORDER BY epoch LIMIT ?4"),
      sweep_(database,
             "DELETE FROM notifications WHERE row IN "
             "(SELECT row FROM notifications WHERE expires <= ?1 LIMIT ?2)",
             kWrites),
      changes_(database, "SELECT changes()"),
      // Both kinds of line were written by this server: "notify:id:<id>:update:messageType:key:..."
      // (at::encode), and "notification: {...}".
      counts_(database,
              "SELECT direction, peer = ?2, expires <= ?3, status, CASE "
              "WHEN line IS NULL THEN '' "
              "WHEN direction = 1 THEN substr(line, length(id) + 12, 6) || ':' || "
              "rtrim(substr(line, length(id) + 31, 4), ':') "
              "ELSE json_extract(substr(line, 15), '$.operation') || ':' || "
              "replace(json_extract(substr(line, 15), '$.messageType'), 'MessageType.', '') END "
              "AS what, count(*) FROM notifications WHERE account = ?1 "
              "GROUP BY 1, 2, 3, 4, 5"),
      size_(database,
            "SELECT coalesce(sum(length(CAST(line AS BLOB))), 0) FROM notifications "
            "WHERE account = ?1"),
      // In the order of their coming. What its sender has removed has no line.
      next_queued_(database,
                   "SELECT row, line, retries FROM notifications WHERE account = ?1 "
                   "AND peer = ?2 AND direction = 1 AND status = 0 AND expires > ?3 "
                   "AND line IS NOT NULL ORDER BY row LIMIT 1"),
      settle_(database, "UPDATE notifications SET status = ?2 WHERE row = ?1", kWrites),
      note_retry_(database, "UPDATE notifications SET retries = retries + 1 WHERE row = ?1",
                  kWrites),
      supersede_(database,
                 "UPDATE notifications SET status = 2 WHERE row IN (SELECT row FROM notifications "
                 "WHERE account = ?1 AND peer = ?2 AND direction = 1 AND status = 0 "
                 "AND latest = ?3 ORDER BY row DESC LIMIT -1 OFFSET ?4)",
                 kWrites),
      give_up_(database,
               "UPDATE notifications SET status = 2 WHERE account = ?1 AND peer = ?2 "
               "AND direction = 1 AND status = 0",
               kWrites),
      queues_(database,
              "SELECT DISTINCT account, peer FROM notifications WHERE direction = 1 "
              "AND status = 0") {}

bool Notifications::send(std::int64_t account, const Sending& sending, Status status) {
  insert_.apply(account, sending.id, kSent, sending.to.str(), sending.now, sending.expires,
                static_cast<std::int64_t>(status), sending.key, sending.command,
                text_or_null(sending.latest));
  auto rows = changes_.run();
  return rows.next() && rows.number(0) > 0;
}

std::optional<Arrival> Notifications::receive(std::int64_t account, at::Notification note,
                                              std::int64_t now, std::int64_t expires) {
  Arrival arrival;
  {
    auto rows = next_epoch_.run(account, now);
    if (!rows.next()) return std::nullopt;
    arrival.epoch = rows.number(0);
    rows.next();
  }
  note.epoch_millis = arrival.epoch;
  arrival.account = account;
  arrival.line = std::make_shared<const std::string>(at::encode(at::Push{at::encode(note)}));
  insert_.apply(account, note.id, kReceived, note.from, arrival.epoch, expires,
                static_cast<std::int64_t>(Status::delivered), note.key, *arrival.line, Value());
  auto rows = changes_.run();
  if (!rows.next() || rows.number(0) == 0) return std::nullopt;
  arrival.key = std::move(note.key);
  arrival.from = std::move(note.from);
  return arrival;
}

std::optional<Queued> Notifications::next_queued(std::int64_t account, const at::Atsign& to,
                                                 std::int64_t now) {
  auto rows = next_queued_.run(account, to.str(), now);
  if (!rows.next()) return std::nullopt;
  Queued queued;
  queued.row = rows.number(0);
  queued.command = rows.text(1);
  queued.retries = rows.number(2);
  return queued;
}

void Notifications::settle(std::int64_t row, Status status) {
  settle_.apply(row, static_cast<std::int64_t>(status));
}

void Notifications::note_retry(std::int64_t row) { note_retry_.apply(row); }

void Notifications::supersede(std::int64_t account, const at::Atsign& to, const std::string& latest,
                              std::uint64_t count) {
  const auto kept = static_cast<std::int64_t>(std::clamp<std::uint64_t>(count, 1, 1'000'000));
  supersede_.apply(account, to.str(), latest, kept);
}

void Notifications::give_up(std::int64_t account, const at::Atsign& to) {
  give_up_.apply(account, to.str());
}

std::vector<std::pair<std::int64_t, std::string>> Notifications::queues() {
  std::vector<std::pair<std::int64_t, std::string>> queues;
  auto rows = queues_.run();
  while (rows.next()) queues.emplace_back(rows.number(0), rows.text(1));
  return queues;
}

std::optional<Stored> Notifications::find(std::int64_t account, const std::string& id) {
  auto rows = find_.run(account, id);
  if (!rows.next()) return std::nullopt;
  Stored stored;
  stored.is_sent = rows.number(0) == kSent;
  stored.peer = rows.text(1);
  stored.epoch = rows.number(2);
  stored.expires = rows.number(3);
  stored.status = static_cast<Status>(rows.number(4));
  stored.key = rows.text(5);
  stored.line = rows.text(6);
  stored.retries = rows.number(7);
  return stored;
}

void Notifications::remove(std::int64_t account, const std::string& id) {
  remove_.apply(account, id);
}

std::vector<Arrival> Notifications::after(std::int64_t account, std::int64_t epoch,
                                          std::int64_t now, std::size_t limit) {
  std::vector<Arrival> arrivals;
  auto rows = after_.run(account, epoch, now, static_cast<std::int64_t>(limit));
  while (rows.next()) {
    Arrival arrival;
    arrival.account = account;
    arrival.key = rows.text(0);
    arrival.from = rows.text(1);
    arrival.epoch = rows.number(2);
    arrival.line = std::make_shared<const std::string>(rows.text(3));
    arrivals.push_back(std::move(arrival));
  }
  return arrivals;
}

std::int64_t Notifications::last_epoch(std::int64_t account) {
  auto rows = last_epoch_.run(account);
  return rows.next() ? rows.number(0) : 0;
}

std::int64_t Notifications::size(std::int64_t account) {
  auto rows = size_.run(account);
  return rows.next() ? rows.number(0) : 0;
}

std::vector<Notifications::Count> Notifications::counts(std::int64_t account,
                                                        const at::Atsign& self, std::int64_t now) {
  std::vector<Count> counts;
  auto rows = counts_.run(account, self.str(), now);
  while (rows.next()) {
    Count one;
    one.is_sent = rows.number(0) == kSent;
    one.is_own = rows.number(1) != 0;
    one.has_expired = rows.number(2) != 0;
    one.status = static_cast<Status>(rows.number(3));
    one.what = rows.text(4);
    one.count = rows.number(5);
    counts.push_back(std::move(one));
  }
  return counts;
}

std::size_t Notifications::sweep(std::int64_t now, std::size_t limit) {
  sweep_.apply(now, static_cast<std::int64_t>(limit));
  auto rows = changes_.run();
  return rows.next() ? static_cast<std::size_t>(rows.number(0)) : 0;
}

}  // namespace noports::atserver
