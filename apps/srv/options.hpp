// SPDX-License-Identifier: BSD-3-Clause
// What srv is told on its command line (cli-and-packaging.md 1.7, noports-newer.md 5.5).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/option_table.hpp"
#include "noports/bridge/protection.hpp"

namespace noports::apps::srv {

struct Options {
  std::string host;        // of the relay
  std::uint16_t port = 0;  // of the relay
  std::uint16_t local_port = 22;
  std::string local_host = "localhost";
  bool binds_local_port = false;  // the client's end: listens; the device's end connects
  bool authenticates = false;     // to the relay, with secrets of the environment
  bool uses_escr = false;         // by challenge and response; otherwise by one line
  bool encrypts = false;          // with keys of the environment
  bool is_multi = false;
  std::chrono::seconds timeout{60};
  std::vector<std::string> without_effect;  // options that were given and mean nothing here

  bridge::End end() const noexcept {
    return binds_local_port ? bridge::End::client : bridge::End::device;
  }
};

// `into` outlives the table.
Program describe(Options& into);

}  // namespace noports::apps::srv
