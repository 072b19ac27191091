// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/store.hpp"

#include "noports/atserver/files.hpp"

namespace noports::atserver {
namespace {

constexpr int kVersion = 3;

// records.metadata is the text form that verbs use. notifications.line is what a monitor is sent,
// or the command by which it was sent (NULL: removed); epoch is when; latest is the notifier of
// whose notifications only the latest are wanted. commits has the latest change of each key.
// The last three tables are of the platforms that have joined this one (guests.hpp).
constexpr const char* kSchema = R"sql(
  CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE accounts(
    id INTEGER PRIMARY KEY, atsign TEXT NOT NULL UNIQUE, port INTEGER NOT NULL DEFAULT 0,
    last_commit INTEGER NOT NULL DEFAULT -1, last_epoch INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE records(
    id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts(id), key TEXT NOT NULL,
    value TEXT NOT NULL, metadata TEXT NOT NULL, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, version INTEGER NOT NULL, available INTEGER, expires INTEGER,
    refresh INTEGER, UNIQUE(account, key));
  CREATE INDEX records_expire ON records(expires) WHERE expires IS NOT NULL;
  CREATE TABLE commits(
    account INTEGER NOT NULL, key TEXT NOT NULL, id INTEGER NOT NULL, operation TEXT NOT NULL,
    PRIMARY KEY(account, key)) WITHOUT ROWID;
  CREATE UNIQUE INDEX commits_in_order ON commits(account, id);
  CREATE TABLE notifications(
    row INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts(id), id TEXT NOT NULL,
    direction INTEGER NOT NULL, peer TEXT NOT NULL, epoch INTEGER, expires INTEGER NOT NULL,
    status INTEGER NOT NULL, key TEXT NOT NULL, line TEXT, retries INTEGER NOT NULL DEFAULT 1,
    latest TEXT, UNIQUE(account, id, direction, peer));
  CREATE UNIQUE INDEX notifications_in_order ON notifications(account, epoch)
    WHERE direction = 0;
  CREATE INDEX notifications_queued ON notifications(account, peer, row)
    WHERE direction = 1 AND status = 0;
  CREATE INDEX notifications_expire ON notifications(expires);
  CREATE TABLE join_tokens(
    id TEXT PRIMARY KEY, hash TEXT NOT NULL, host TEXT, created INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE guests(
    id TEXT PRIMARY KEY, token TEXT NOT NULL REFERENCES join_tokens(id), host TEXT NOT NULL,
    seen INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE guest_atsigns(
    atsign TEXT PRIMARY KEY, guest TEXT NOT NULL REFERENCES guests(id), port INTEGER NOT NULL)
    WITHOUT ROWID;
)sql";

}  // namespace

Store::Store(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      accounts(*database_),
      records(*database_),
      notifications(*database_),
      guests(*database_) {}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& file) {
  auto database = Database::open(file, kSchema, kVersion);
  if (!database) return fail(std::move(database).error());
  return std::unique_ptr<Store>(new Store(*std::move(database)));
}

Result<std::unique_ptr<Store>> Store::open_in(const std::filesystem::path& folder) {
  if (auto ready = ensure_private_folder(folder); !ready) return fail(std::move(ready).error());
  return open(folder / "store.sqlite");
}

bool Store::put_new(const at::Atsign& atsign, const crypto::Secret& cram_secret, std::int64_t now,
                    std::uint16_t port) {
  const auto account = accounts.add(atsign);
  if (!account) return false;
  Record secret;
  secret.key = "privatekey:at_secret";
  secret.value = cram_secret.text();
  secret.created = secret.updated = now;
  records.put(account->id, secret);
  crypto::wipe(secret.value);
  if (port != 0) accounts.set_port(account->id, port);
  return true;
}

Error Store::is_a_guests(const at::Atsign& atsign, const Place& place) {
  return Error(Errc::config,
               atsign.str() + " is on a platform that has joined this one: " + place_text(place))
      .hint("remove it there first");
}

Result<void> Store::add(const at::Atsign& atsign, const crypto::Secret& cram_secret,
                        std::int64_t now) {
  Database::Scope scope(*database_);
  if (const auto place = guests.find(atsign)) return fail(is_a_guests(atsign, *place));
  const bool added = put_new(atsign, cram_secret, now, 0);
  auto written = scope.finish();
  if (written) written = commit();
  if (!written) return written;
  if (!added) return fail(Errc::config, atsign.str() + " is on this platform already");
  return {};
}

}  // namespace noports::atserver
