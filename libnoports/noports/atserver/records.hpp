// SPDX-License-Identifier: BSD-3-Clause
// The records of an atSign: value, metadata, lifetimes, and the commit log that orders their
// changes (atprotocol-wire.md 6).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/metadata.hpp"
#include "noports/atserver/database.hpp"

namespace noports::atserver {

// Times are milliseconds since 1970 (UTC).
struct Record {
  std::string key;  // complete, as at::Key::str() gives it
  std::string value;
  at::Metadata metadata;
  std::int64_t created = 0, updated = 0;
  std::int64_t version = 0;  // 0 at first, then one more for each update
  std::optional<std::int64_t> available, expires, refresh;

  // Born and not expired; otherwise it reads as "null".
  bool is_alive(std::int64_t now) const noexcept {
    return (!available || *available <= now) && (!expires || *expires > now);
  }
  bool operator==(const Record&) const = default;
};

// Sets available, expires and refresh from ttb, ttl and ttr, counted from `updated` (6.4).
void set_lifetimes(Record& record);

// "2024-10-01 08:00:00.000Z", of milliseconds since 1970
std::string date_text(std::int64_t milliseconds);

// The two JSON forms of lookups (6.3): metadata alone, and key, value and metadata together.
// Members that are not set are left out.
std::string meta_json(const Record& record);
// The metadata as sync has it: the same members, every value a text (3.16).
std::string sync_meta_json(const Record& record);
enum class MemberOrder { own, fetched };  // key first, or key last (3.8)
std::string all_json(const Record& record, MemberOrder order);

// One line of the commit log: the latest change of a key.
struct Change {
  std::int64_t id = 0;
  std::string key;
  std::string operation;  // "*" written, "#" its metadata alone, "-" deleted (3.16)
};

// All calls belong in a Database::Scope.
class Records {
 public:
  explicit Records(Database& database);

  std::optional<Record> find(std::int64_t account, std::string_view key);
  // The commit id; -1 for keys that are not in the commit log (6.6).
  std::int64_t put(std::int64_t account, const Record& record, std::string_view operation = "*");
  // The same; a key that does not exist gets a commit id too (3.11).
  std::int64_t erase(std::int64_t account, std::string_view key);
  // Complete keys of what is alive, oldest first.
  std::vector<std::string> keys(std::int64_t account, std::int64_t now);
  // The same for those that end so, whether alive or not.
  std::vector<std::string> keys_ending(std::int64_t account, std::string_view end);
  // The changes with a greater commit id, in their order, at most `limit`.
  std::vector<Change> changes(std::int64_t account, std::int64_t after, std::size_t limit);
  // The highest commit id of the atSign; -1 when nothing was committed yet.
  std::int64_t last_commit(std::int64_t account);
  // The accounts whose commit id has grown since the last call.
  std::set<std::int64_t> take_committed();
  // Bytes of all keys and values.
  std::int64_t size(std::int64_t account);
  // Removes at most `limit` expired records; how many it removed.
  std::size_t sweep(std::int64_t now, std::size_t limit);

 private:
  std::int64_t commit(std::int64_t account, std::string_view key, std::string_view operation);

  Statement find_, put_, erase_, keys_, ending_, expired_, next_commit_, log_, changes_,
      last_commit_, size_;
  std::set<std::int64_t> committed_;
};

}  // namespace noports::atserver
