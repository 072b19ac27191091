// SPDX-License-Identifier: BSD-3-Clause
// What sshnp was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/device_list.hpp"
#include "common/key_access.hpp"
#include "common/option_table.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/client.hpp"
#include "noports/base/result.hpp"
#include "noports/client/relay_modes.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/ssh_key.hpp"

namespace noports::apps::sshnp {

struct Options {
  // Present after check(); `to` and `relay` not always with list_devices.
  std::optional<at::Atsign> from, to, relay;
  std::vector<at::Atsign> other_relays;     // asked in this order when `relay` is of no use
  std::optional<at::Atsign> old_relay;      // -h, the relay's option of older versions
  std::optional<proto::DeviceName> device;  // present after check()
  bool is_device_implied = false;
  std::uint16_t local_port = 0;  // 0: a free one
  KeyAccess key_access;
  std::optional<std::filesystem::path> identity, ca_file, config_file;
  std::optional<std::string> profile;
  std::vector<std::string> ssh_options;     // each is one word for ssh
  std::string user;                         // empty: the device tells
  std::vector<std::string> without_effect;  // names of options that were given all the same
  bool send_key = false;
  std::optional<proto::SshPublicKey> public_key;  // present after check() with send_key
  // How long a session waits for its connection; with a connection it ends when that does.
  std::chrono::seconds idle{30};
  std::chrono::seconds ping_timeout{20};
  atclient::Directory directory;
  client::AuthWish relay_auth;
  bool authenticate_client = true, authenticate_device = true, encrypt = true;
  bool print_command = false, stdio = false, quiet = false;
  bool list_devices = false, print_ssh_config = false;
};

// The table whose rows fill `options`, which must outlive it.
Program program(Options& options);

// Puts what the file of --config-file or --profile says under what `args`, the words of the command
// line, have said: fills `options` anew when there is such a file. `program` is the table of
// `options`. Returns sentences for the user about lines without effect. config: a file or value
// that cannot be read, with "file:line".
Result<std::vector<std::string>> read_config(const Program& program, Options& options,
                                             const std::vector<std::string>& args);

// What the table cannot say: defaults, options that exclude or need each other, values that will
// stand in ssh's argv; reads the public key of -s. Call it after parsing.
Result<void> check(Options& options);

// Whose devices to list. Needs checked options.
ListWish list_wish(const Options& options);

}  // namespace noports::apps::sshnp
