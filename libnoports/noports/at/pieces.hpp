// SPDX-License-Identifier: BSD-3-Clause
// How a command falls into pieces: ":name:value" options, ":name" flags and tokens. Internal to
// at/. Names of the grammar are matched in any case, as the reference server does
// (atprotocol-wire.md 1.2).
#pragma once

#include <optional>
#include <string_view>

namespace noports::at {

// `word` (written here in lower case) is removed from the front of `rest`, whatever its case there.
bool take_word(std::string_view& rest, std::string_view word);

// For a `rest` of ":name" followed by ':' or nothing: takes it, and says whether it was there.
bool take_flag(std::string_view& rest, std::string_view name);

// For a `rest` of ":name:value" followed by ':' or nothing: takes it and returns the value, which
// may be empty. `name` is in lower case.
std::optional<std::string_view> take_option(std::string_view& rest, std::string_view name);

// The same for a time stamp ("2024-10-01T09:00:00.000Z"), whose value has colons of its own.
bool take_time_stamp(std::string_view& rest, std::string_view name);

// "true" or "false" in any case (Python sends "True").
std::optional<bool> parse_bool(std::string_view text);

// Not empty, and none of ':', '@', ASCII blanks and control characters.
bool is_token(std::string_view text) noexcept;

// Not empty; letters, digits, '_' and '-' of ASCII only.
bool is_id(std::string_view text) noexcept;

// UTF-8 without blanks, control characters, direction marks and other things that nobody sees. The
// joiners that emoji are made with are allowed.
bool is_visible(std::string_view text) noexcept;

// Members above this are no exact numbers in the JSON of many peers. It also leaves room to add
// milliseconds, or seconds times a thousand, to a time of day.
inline constexpr long long kMaxNumber = 1LL << 53;

}  // namespace noports::at
