// SPDX-License-Identifier: BSD-3-Clause
#include "common/progress.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>

#include "noports/log/log.hpp"

namespace noports::apps {
namespace {

// The local date and time, to the microsecond.
std::string stamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  const std::time_t seconds = micros / 1'000'000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &parts);
  char all[48];
  std::snprintf(all, sizeof all, "%s.%06d", date, static_cast<int>(micros % 1'000'000));
  return all;
}

}  // namespace

Say progress(std::string module, bool is_quiet) {
  if (log::enabled(log::Level::info)) {
    return [module](std::string_view text) { log::info(module, text); };
  }
  if (is_quiet) return [](std::string_view) {};
  return [](std::string_view text) {
    std::cerr << stamp() + " : " + std::string(text) + "\n" << std::flush;
  };
}

}  // namespace noports::apps
