// SPDX-License-Identifier: BSD-3-Clause
// Options that several programs have, described once. Each function returns a row of a program's
// table that fills the variable it is given.
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
#include "noports/proto/device.hpp"

namespace noports::apps {

// A row with one thing changed.
Option required(Option option);
Option negatable(Option option);
Option with_aliases(Option option, std::vector<std::string> aliases);
Option with_default(Option option, std::string text);
Option explained(Option option, std::string man);
Option completing(Option option, Completes what);

// A row of the reference that means nothing here: accepted, so that old commands and units go on
// working, and told in the man page alone, with `why`. Its name is added to `used`, which outlives
// it, unless the value is "false".
Option without_effect_option(Option::Kind kind, std::string names, std::string placeholder,
                             std::string why, std::vector<std::string>& used);

// The building blocks: names and help differ from program to program.
Option flag_option(std::string names, bool& into, std::string help);
Option text_option(std::string names, std::string placeholder, std::string& into, std::string help);
// The same for a text that must not be empty.
Option text_option(std::string names, std::string placeholder, std::optional<std::string>& into,
                   std::string help);
Option path_option(std::string names, std::optional<std::filesystem::path>& into, std::string help);
Option atsign_option(std::string names, std::optional<at::Atsign>& into, std::string help);
// Relays in the order in which they are asked: the first, and the others.
Option relays_option(std::string names, std::optional<at::Atsign>& first,
                     std::vector<at::Atsign>& others);
Option device_option(std::string names, std::optional<proto::DeviceName>& into, std::string help);
// `lowest` is 0 where 0 means "any free port".
Option port_option(std::string names, std::uint16_t& into, std::uint16_t lowest, std::string help);
// Whole seconds, 1 to 86400.
Option seconds_option(std::string names, std::chrono::seconds& into, std::string help);

// --root-server HOST[:PORT], also --root-domain
Option root_server_option(atclient::Directory& into);
// -k, --key-file, also --keyFile
Option key_file_option(std::optional<std::filesystem::path>& into);
Option ca_file_option(std::optional<std::filesystem::path>& into);
// -v, --verbose and --debug: the log's level. Effective at once.
Option verbose_option();
Option debug_option();
// --json: errors as JSON objects. Effective at once.
Option json_option();

// The rows of whoever is an atSign: its keys, the world, whom to trust there.
std::vector<Option> account_options(KeyAccess& keys, atclient::Directory& directory,
                                    std::optional<std::filesystem::path>& ca_file);
// --verbose, --debug and --json
std::vector<Option> output_options();
void add(Program& program, std::vector<Option> options);

// Of both clients.
Option encrypt_option(bool& into);                       // --encrypt-rvd-traffic
Option ping_timeout_option(std::chrono::seconds& into);  // --daemon-ping-timeout
Option quiet_option(bool& into);

}  // namespace noports::apps
