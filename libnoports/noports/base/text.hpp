// SPDX-License-Identifier: BSD-3-Clause
// Small questions about text. Nothing allocates that need not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace noports {

// Removes `prefix` from the front of `rest` and says whether it was there.
bool take(std::string_view& rest, std::string_view prefix) noexcept;

// Without the ASCII blanks and line ends around it.
std::string_view trim(std::string_view text) noexcept;

// The pieces between separators; an empty text is one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

// ASCII only; other bytes stay as they are.
std::string lower(std::string_view text);

// Decimal digits only, the whole text, no sign; nothing when it does not fit.
std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;
// The same with an optional leading '-'.
std::optional<std::int64_t> parse_signed(std::string_view text) noexcept;
// 1 ... 65535
std::optional<std::uint16_t> parse_port(std::string_view text) noexcept;

// Well-formed UTF-8 (RFC 3629); the empty text is.
bool is_utf8(std::string_view text) noexcept;

// 8-4-4-4-12 hexadecimal digits, either case.
bool is_uuid(std::string_view text) noexcept;

// Text of a peer made fit for a log line or a terminal: control characters, DEL and invalid UTF-8
// become \xNN, and what is longer than `limit` bytes is cut and marked with "...".
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace noports
