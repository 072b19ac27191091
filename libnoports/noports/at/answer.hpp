// SPDX-License-Identifier: BSD-3-Clause
// What an atServer or atDirectory says: data, error, notification, prompts; and the AT codes
// (atprotocol-wire.md 1.3, 1.4, 1.8, 7).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "noports/base/result.hpp"

namespace noports::at {

struct Data {
  std::string text;  // without "data:"
  bool operator==(const Data&) const = default;
};
struct Refusal {
  std::string code;  // "AT0015"; empty when none could be read
  std::string text;  // the description, unescaped; for display use base/text printable()
  bool operator==(const Refusal&) const = default;
};
struct Push {
  std::string json;  // of a notification
  bool operator==(const Push&) const = default;
};
// A line that is none of these, e.g. "host:port" of an atDirectory.
struct Bare {
  std::string text;
  bool operator==(const Bare&) const = default;
};
using Answer = std::variant<Data, Refusal, Push, Bare>;

// One line without its end; prompts glued in front of it are dropped (atprotocol-wire.md 1.8).
// All four error shapes are read.
Answer decode_answer(std::string_view line);

// "data:x\n@". Throws std::logic_error for a text with an LF, as encode(Push) does.
std::string encode(const Data& data, std::string_view prompt);
enum class ErrorShape { text, json, handler };  // 7.1: 1, 2, 3
// Line ends inside the text become blanks; an empty code is written "null".
std::string encode(const Refusal& refusal, ErrorShape shape, std::string_view prompt);
std::string encode(const Push& push);  // "notification: {...}\n"

// The table text of a code ("key not found" for AT0015), empty for an unknown one (7.2).
std::string_view table_text(std::string_view code) noexcept;

// What a refusal means to a client of the library: not_found for AT0015, rejected for AT0401 and
// the enrolment states, refused for AT0009, and so on; hop atserver (directory for AT0007). The
// sentence has the code and the peer's text made printable.
Error to_error(const Refusal& refusal);

}  // namespace noports::at
