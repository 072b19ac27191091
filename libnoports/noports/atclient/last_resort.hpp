// SPDX-License-Identifier: BSD-3-Clause
// For tasks without which a mailbox is deaf: when a bug ends one, everything shall end, so that the
// program does, and its supervisor starts it again.
#pragma once

#include <exception>
#include <functional>
#include <utility>

#include "noports/log/escape.hpp"

namespace noports::atclient {

// For net::TaskGroup: logs the exception as an error and then calls `give_up`, which must not throw
// and may be called more than once.
inline std::function<void(std::exception_ptr)> last_resort(std::function<void()> give_up) {
  return [say = log::escapes("atclient"), give_up = std::move(give_up)](std::exception_ptr e) {
    say(std::move(e));
    give_up();
  };
}

}  // namespace noports::atclient
