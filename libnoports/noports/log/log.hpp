// SPDX-License-Identifier: BSD-3-Clause
// Level, module, sentence, key=value; to stderr, without time stamps when the journal listens.
// Never for results (stdout) and never for secrets or values of notifications.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace noports::log {

// As questions: error = must a human act? warn = degraded, still serving; info = something starts
// or ends; debug = each protocol step; trace = verb names and sizes.
enum class Level { trace, debug, info, warn, error, off };

void set_level(Level level) noexcept;  // default: warn
bool enabled(Level level) noexcept;

// key=value. Values are escaped (base/text printable), so that a peer's text stays one line.
struct Field {
  Field(std::string_view key_, std::string_view value_) : key(key_), value(value_) {}
  template <std::integral Number>
  Field(std::string_view key_, Number number) : key(key_), value(std::to_string(number)) {}
  std::string_view key;
  std::string value;
};
using Fields = std::initializer_list<Field>;

namespace detail {
// "WARN relay: session ends session=... reason=\"peer left\"", without a line end: values with
// blanks, quotes or nothing in them are quoted.
std::string line(Level level, std::string_view module, std::string_view sentence, Fields fields);
}  // namespace detail

// One line, one write to descriptor 2, from any thread. Before it the time in UTC, unless the
// journal listens there (JOURNAL_STREAM, systemd.exec(5)), which has its own.
// log::info("relay", "session ends", {{"session", id}, {"bytes", total}});
void write(Level level, std::string_view module, std::string_view sentence, Fields fields = {});
inline void trace(std::string_view m, std::string_view s, Fields f = {}) {
  write(Level::trace, m, s, f);
}
inline void debug(std::string_view m, std::string_view s, Fields f = {}) {
  write(Level::debug, m, s, f);
}
inline void info(std::string_view m, std::string_view s, Fields f = {}) {
  write(Level::info, m, s, f);
}
inline void warn(std::string_view m, std::string_view s, Fields f = {}) {
  write(Level::warn, m, s, f);
}
inline void error(std::string_view m, std::string_view s, Fields f = {}) {
  write(Level::error, m, s, f);
}

}  // namespace noports::log
