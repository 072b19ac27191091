// SPDX-License-Identifier: BSD-3-Clause
// What the owner of an atSign does about enrolments, on a connection that speaks for him
// (keys-and-enrollment.md 4.2, 4.8 to 4.11).
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "noports/activate/enrolment.hpp"
#include "noports/activate/selector.hpp"
#include "noports/atclient/connection.hpp"
#include "noports/base/result.hpp"
#include "noports/keys/keys.hpp"

namespace noports::activate {

// A passcode for one request; it lives for `ttl`, or as long as the atServer likes.
asio::awaitable<Result<std::string>> ask_passcode(atclient::Connection& connection,
                                                  std::optional<std::chrono::milliseconds> ttl);
// One for many requests, from now on. 6 to 16 letters and digits, or config.
asio::awaitable<Result<std::string>> set_passcode(atclient::Connection& connection,
                                                  std::string passcode,
                                                  std::optional<std::chrono::milliseconds> ttl);

// Those that the selector matches, of these statuses or of all.
asio::awaitable<Result<std::vector<Enrolment>>> ask_enrolments(atclient::Connection& connection,
                                                               std::vector<std::string> statuses,
                                                               Selector which);
// not_found when there is none of this id.
asio::awaitable<Result<Enrolment>> ask_enrolment(atclient::Connection& connection, std::string id);

// What an approval used.
struct Approved {
  Outcome outcome;
  std::string check_code;
  bool used_zero_iv = false;  // see ApprovalIvs
};
// Random IVs where the atServer keeps them, unless `zero_iv` forbids it (4.9).
asio::awaitable<Result<Approved>> approve(atclient::Connection& connection, Enrolment wanted,
                                          std::shared_ptr<const keys::Keys> ours, bool zero_iv);

// deny, revoke, unrevoke or delete.
asio::awaitable<Result<Outcome>> change(atclient::Connection& connection, std::string operation,
                                        std::string id, bool force);

// Calls `take` with each request that comes in, until it returns false. `connection` becomes a
// monitor; `listening` is called when it is one (what came before is in the list) and may end it.
// timed_out after a minute of silence, which may be a dead connection: open another one, and look
// at the list again.
asio::awaitable<Result<void>> watch_requests(
    atclient::Connection& connection, std::function<asio::awaitable<Result<bool>>()> listening,
    std::function<asio::awaitable<Result<bool>>(Enrolment)> take);

}  // namespace noports::activate
