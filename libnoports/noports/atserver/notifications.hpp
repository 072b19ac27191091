// SPDX-License-Identifier: BSD-3-Clause
// Notifications that atSigns of this platform have received or sent, until they expire
// (atprotocol-wire.md 4).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

// All calls belong in a Database::Scope.
class Notifications {
 public:
  enum class Status { queued = 0, delivered = 1, errored = 2 };

  explicit Notifications(Database& database);

  // Remembers that `account` sent this id to `to`; false when it did already.
  bool send(std::int64_t account, const std::string& id, const at::Atsign& to, Status status,
            std::int64_t expires);
  // Stores what `account` receives and gives it its epoch; nothing when the same sender's id is
  // known already: it is not shown twice.
  std::optional<Arrival> receive(std::int64_t account, at::Notification note, std::int64_t now,
                                 std::int64_t expires);

  // "delivered", "errored", "queued", "expired"; nothing for an unknown id
  std::optional<std::string> status(std::int64_t account, const std::string& id, std::int64_t now);
  // Not shown any more, but its id stays known until it expires.
  void remove(std::int64_t account, const std::string& id);
  // Received ones with a greater epoch, unexpired, in order, at most `limit`.
  std::vector<Arrival> after(std::int64_t account, std::int64_t epoch, std::int64_t now,
                             std::size_t limit);
  std::int64_t last_epoch(std::int64_t account);
  // Removes at most `limit` expired ones; how many it removed.
  std::size_t sweep(std::int64_t now, std::size_t limit);

 private:
  Statement insert_, next_epoch_, last_epoch_, status_, remove_, after_, sweep_, changes_;
};

}  // namespace noports::atserver
