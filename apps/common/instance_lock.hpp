// SPDX-License-Identifier: BSD-3-Clause
// One service of a name on this machine and user: a second one would take half of the letters.
#pragma once

#include <string>

#include "noports/base/result.hpp"

namespace noports::apps {

// A lock on a file in the state folder, for as long as this lives; gone with the process however
// that ends. Movable.
class InstanceLock {
 public:
  // `name` tells services apart, e.g. "sshnpd-@device-lab". busy, with the number of the process
  // that has it. Where there is no state folder nothing is locked, and that is logged.
  static Result<InstanceLock> take(const std::string& name);
  ~InstanceLock();
  InstanceLock(InstanceLock&& other) noexcept;
  InstanceLock& operator=(InstanceLock&&) = delete;

 private:
  explicit InstanceLock(int fd) : fd_(fd) {}
  int fd_ = -1;  // -1: nothing is locked
};

}  // namespace noports::apps
