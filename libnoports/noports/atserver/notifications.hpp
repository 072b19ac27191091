// SPDX-License-Identifier: BSD-3-Clause
// Notifications that atSigns of this platform have received or sent, until they expire
// (atprotocol-wire.md 4).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/at/notification.hpp"
#include "noports/atserver/database.hpp"

namespace noports::atserver {

// A received notification as monitors are shown it.
struct Arrival {
  std::int64_t account = 0;  // the recipient's
  std::string key;           // for the monitor's filter: "@bob:request.lab.sshnp@alice"
  std::string from;          // "@alice"
  std::int64_t epoch = 0;    // milliseconds; strictly increasing for each recipient
  std::shared_ptr<const std::string> line;  // "notification: {...}\n"
};

enum class NoteStatus { queued = 0, delivered = 1, errored = 2 };

// What an atSign sends.
struct Sending {
  std::string id;
  at::Atsign to;
  std::string key;      // as the recipient's clients read it
  std::string command;  // at::encode(Notify) with its id
  std::int64_t now = 0, expires = 0;
  std::optional<std::string> latest{};  // the notifier of whose notifications only the latest count
};

// What waits to be sent to another platform.
struct Queued {
  std::int64_t row = 0;
  std::string command;  // as Sending has it
  std::int64_t retries = 1;
};

// A notification with what became of it.
struct Stored {
  bool is_sent = false;  // else received
  std::string peer;      // to or from whom
  std::int64_t epoch = 0, expires = 0;
  NoteStatus status = NoteStatus::queued;
  std::string key;
  std::string line;  // the command, or what monitors are sent; empty when it was removed
  std::int64_t retries = 1;
};

// All calls belong in a Database::Scope.
class Notifications {
 public:
  using Status = NoteStatus;

  explicit Notifications(Database& database);

  // Remembers that `account` sent this; false when it sent an id to the same recipient before.
  bool send(std::int64_t account, const Sending& sending, Status status);
  // Stores what `account` receives and gives it its epoch; nothing when the same sender's id is
  // known already: it is not shown twice.
  std::optional<Arrival> receive(std::int64_t account, at::Notification note, std::int64_t now,
                                 std::int64_t expires);

  // The oldest that waits for `to` and may still be sent.
  std::optional<Queued> next_queued(std::int64_t account, const at::Atsign& to, std::int64_t now);
  void settle(std::int64_t row, Status status);
  void note_retry(std::int64_t row);
  // Of those that wait for `to` under `latest`, all but the newest `count` are errored.
  void supersede(std::int64_t account, const at::Atsign& to, const std::string& latest,
                 std::uint64_t count);
  // Everything that waits for `to` is errored.
  void give_up(std::int64_t account, const at::Atsign& to);
  // The accounts and recipients between which something waits.
  std::vector<std::pair<std::int64_t, std::string>> queues();

  // By its id, rather as sent than as received.
  std::optional<Stored> find(std::int64_t account, const std::string& id);
  // Not shown any more, but its id stays known until it expires.
  void remove(std::int64_t account, const std::string& id);
  // Received ones with a greater epoch, unexpired, in order, at most `limit`.
  std::vector<Arrival> after(std::int64_t account, std::int64_t epoch, std::int64_t now,
                             std::size_t limit);
  std::int64_t last_epoch(std::int64_t account);
  // Bytes of what is stored.
  std::int64_t size(std::int64_t account);
  // How many there are of each kind. `what` is "update:key", "delete:text", ...; empty for those
  // that were removed.
  struct Count {
    bool is_sent = false, is_own = false;  // is_own: to or from `self`
    bool has_expired = false;
    NoteStatus status = NoteStatus::queued;
    std::string what;
    std::int64_t count = 0;
  };
  std::vector<Count> counts(std::int64_t account, const at::Atsign& self, std::int64_t now);
  // Removes at most `limit` expired ones; how many it removed.
  std::size_t sweep(std::int64_t now, std::size_t limit);

 private:
  Statement insert_, next_epoch_, last_epoch_, find_, remove_, after_, sweep_, changes_, counts_,
      size_, next_queued_, settle_, note_retry_, supersede_, give_up_, queues_;
};

}  // namespace noports::atserver
