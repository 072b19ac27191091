// SPDX-License-Identifier: BSD-3-Clause
// What sshnpd is told on its command line and in its configuration file (config.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/key_access.hpp"
#include "common/option_table.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/client.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/permit.hpp"

namespace noports::apps::sshnpd {

struct Options {
  std::optional<std::filesystem::path> config;
  bool checks_config = false, prints_config = false;  // and then ends
  std::optional<at::Atsign> atsign;
  std::set<at::Atsign> managers;
  bool has_managers_of_file = false;  // those of the command line take their place
  std::optional<at::Atsign> policy;
  std::optional<proto::DeviceName> device;
  std::string device_group = "__none__";
  std::optional<std::string> permit_text;  // not given: what complete() takes
  proto::PermitList permit;
  bool accepts_public_keys = false;
  std::string key_permissions;
  bool hide = false;
  std::uint16_t ssh_port = 22;
  KeyAccess key_access;
  std::optional<std::filesystem::path> ca_file;
  atclient::Directory directory;
  std::vector<std::string> without_effect;  // options that were given and mean nothing here
};

// `into` outlives the table.
Program describe(Options& into);

// What no single option can decide; config with the option to give.
Result<void> complete(Options& options);

}  // namespace noports::apps::sshnpd
