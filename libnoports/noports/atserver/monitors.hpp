// SPDX-License-Identifier: BSD-3-Clause
// Which connections are told of what arrives for an atSign.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "noports/atserver/notifications.hpp"

namespace noports::atserver {

// One monitor connection. Unregisters before it dies; not from inside offer().
class MonitorConnection {
 public:
  virtual void offer(const Arrival& arrival) = 0;
  // A line that is for every monitor, whatever it wants to see.
  virtual void tell(const std::string& line) = 0;

 protected:
  ~MonitorConnection() = default;
};

class Monitors {
 public:
  void add(std::int64_t account, MonitorConnection& monitor);
  void remove(std::int64_t account, MonitorConnection& monitor) noexcept;
  // In the order of their epochs for each recipient.
  void announce(const Arrival& arrival) const;
  // To all monitors of the atSign.
  void tell(std::int64_t account, const std::string& line) const;
  bool has(std::int64_t account) const { return monitors_.contains(account); }
  // Those that have monitors.
  std::vector<std::int64_t> accounts() const;

 private:
  std::unordered_map<std::int64_t, std::vector<MonitorConnection*>> monitors_;
};

}  // namespace noports::atserver
