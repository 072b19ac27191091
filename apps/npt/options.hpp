// SPDX-License-Identifier: BSD-3-Clause
// What npt was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/key_access.hpp"
#include "common/option_table.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/client.hpp"
#include "noports/base/result.hpp"
#include "noports/client/relay_modes.hpp"
#include "noports/proto/device.hpp"
#include "npt/forward.hpp"

namespace noports::apps::npt {

struct Options {
  std::optional<at::Atsign> from, to, relay;  // all present after check()
  std::vector<at::Atsign> other_relays;       // asked in this order when `relay` is of no use
  std::optional<proto::DeviceName> device;
  std::string remote_host = "localhost";
  std::uint16_t remote_port = 0;
  std::uint16_t local_port = 0;  // 0: a free one
  // Where to listen; the first that can be listened on is used. Empty: localhost.
  std::vector<std::string> local_hosts;
  // -L and --socks, in the order of the command line, then -p if it stands beside them. Not empty:
  // several local ports in one process, whose sessions are opened on demand.
  std::vector<Forward> forwards;
  KeyAccess key_access;
  std::optional<std::filesystem::path> ca_file;
  atclient::Directory directory;
  std::optional<std::chrono::milliseconds> timeout;              // present after check()
  bool is_never = false;                                         // -T 0 was given
  bool is_timeout_implied = false;                               // by -K without -T
  std::chrono::milliseconds heartbeat{std::chrono::minutes{5}};  // 0: none
  std::chrono::seconds ping_timeout{20};
  client::AuthWish relay_auth;
  bool encrypt = true;
  bool per_session_storage = true;  // accepted, without effect: nothing is stored
  bool exit_when_connected = false, keep_alive = false, stdio = false, quiet = false;
};

// The table whose rows fill `options`, which must outlive it.
Program program(Options& options);

// What the table cannot say: options that exclude or need each other, defaults that depend on
// others, and `words`, of which --stdio takes one: HOST:PORT. Call it after parsing.
Result<void> check(Options& options, const std::vector<std::string>& words);

}  // namespace noports::apps::npt
