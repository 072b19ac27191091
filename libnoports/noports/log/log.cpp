// SPDX-License-Identifier: BSD-3-Clause
#include "noports/log/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <memory>

#include "noports/base/text.hpp"

namespace noports::log {
namespace {

// Our own sentences are short; what a peer sent in them is cut by printable() already.
constexpr std::size_t kLongestSentence = 4000;
constexpr std::size_t kLongestValue = 400;

std::atomic<Level> threshold{Level::warn};

std::string_view word(Level level) noexcept {
  switch (level) {
    case Level::trace:
      return "TRACE";
    case Level::debug:
      return "DEBUG";
    case Level::info:
      return "INFO";
    case Level::warn:
      return "WARN";
    case Level::error:
      return "ERROR";
    case Level::off:
      break;
  }
  return "OFF";
}

bool needs_quotes(std::string_view value) noexcept {
  return value.empty() || value.find_first_of(" \"=") != std::string_view::npos;
}

void append_value(std::string& line, std::string_view value) {
  const std::string text = printable(value, kLongestValue);
  if (!needs_quotes(text)) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '\\';
    line += c;
  }
  line += '"';
}

// systemd.exec(5): "device:inode" of the stream that is connected to the journal.
bool journal_listens() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat about = {};
  if (!stream || fstat(2, &about) != 0) return false;
  return std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino) == stream;
}

spdlog::logger& logger() {
  static const auto made = [] {
    auto log = std::make_shared<spdlog::logger>("noports",
                                                std::make_shared<spdlog::sinks::stderr_sink_mt>());
    log->set_level(spdlog::level::trace);  // enabled() decides
    log->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        journal_listens() ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
    return log;
  }();
  return *made;
}

}  // namespace

void set_level(Level level) noexcept { threshold.store(level, std::memory_order_relaxed); }

bool enabled(Level level) noexcept {
  return level >= threshold.load(std::memory_order_relaxed) && level != Level::off;
}

std::string detail::line(Level level, std::string_view module, std::string_view sentence,
                         Fields fields) {
  std::string text(word(level));
  text.append(" ").append(module).append(": ").append(printable(sentence, kLongestSentence));
  for (const auto& field : fields) {
    text.append(" ").append(field.key).append("=");
    append_value(text, field.value);
  }
  return text;
}

void write(Level level, std::string_view module, std::string_view sentence, Fields fields) {
  if (!enabled(level)) return;
  logger().log(spdlog::level::info, detail::line(level, module, sentence, fields));
}

}  // namespace noports::log
