// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/phases.hpp"

#include <cstdio>

namespace noports::client {
namespace {

std::string line(const std::string& name, Phases::Clock::duration span) {
  const double millis = std::chrono::duration<double, std::milli>(span).count();
  char number[32];
  std::snprintf(number, sizeof number, "%.1f", millis);
  return "phase " + name + " " + number + " ms";
}

}  // namespace

std::vector<std::string> Phases::lines() const {
  std::vector<std::string> out;
  for (const auto& [name, span] : all_) out.push_back(line(name, span));
  out.push_back(line("total", Clock::now() - began_));
  return out;
}

}  // namespace noports::client
