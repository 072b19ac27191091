// SPDX-License-Identifier: BSD-3-Clause
// Passcodes: what lets a stranger ask for an enrolment, and no more (keys-and-enrollment.md 4.2).
// Kept under their hashes, in names that nothing else has: neither the store nor the time of an
// answer tells one (7.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "noports/atserver/records.hpp"

namespace noports::atserver {

// Eight characters of 1-9 and A-Z without O (40.7 bits; the reference has 30), with a digit.
// `random` is a text of at least as many random bits.
std::string make_passcode(std::string_view random);

enum class PasscodeKind {
  once,       // otp:get; gone when it was used
  permanent,  // otp:put; replaces the one before
};
// `life` in milliseconds; nothing: 5 minutes for one use, for ever otherwise. All of these in a
// Database::Scope; `owner` is "@alice", whose account it is.
void keep_passcode(Records& records, std::int64_t account, std::string_view owner,
                   std::string_view passcode, PasscodeKind kind, std::int64_t now,
                   std::optional<std::int64_t> life);
// Which kind it is, in any case of letters; nothing when it is none (any more).
std::optional<PasscodeKind> check_passcode(Records& records, std::int64_t account,
                                           std::string_view owner, std::string_view passcode,
                                           std::int64_t now);
// The one-time passcode has done its work.
void use_up_passcode(Records& records, std::int64_t account, std::string_view owner,
                     std::string_view passcode);

}  // namespace noports::atserver
