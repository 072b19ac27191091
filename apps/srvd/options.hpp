// SPDX-License-Identifier: BSD-3-Clause
// What srvd is told on its command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/key_access.hpp"
#include "common/option_table.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/client.hpp"

namespace noports::apps::srvd {

struct Options {
  std::optional<at::Atsign> atsign;
  std::string address;           // told to clients
  std::string bind = "0.0.0.0";  // where the session ports listen
  std::optional<at::Atsign> manager;
  bool has_single_port = false;              // --443
  std::uint16_t single_port_bound = 443;     // where it listens
  std::uint16_t single_port_told = 443;      // what clients are told
  std::chrono::milliseconds detection{500};  // silence of a socket that wants a challenge
  KeyAccess key_access;
  std::optional<std::filesystem::path> ca_file;
  atclient::Directory directory;
  bool per_session_storage = true;  // accepted; we keep no storage
};

// `into` outlives the table.
Program describe(Options& into);

}  // namespace noports::apps::srvd
