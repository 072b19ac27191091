// SPDX-License-Identifier: BSD-3-Clause
// What sshnpd is told on its command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "common/key_access.hpp"
#include "common/option_table.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/client.hpp"
#include "noports/proto/device.hpp"
#include "noports/proto/permit.hpp"

namespace noports::apps::sshnpd {

struct Options {
  std::optional<at::Atsign> atsign;
  std::set<at::Atsign> managers;
  std::optional<proto::DeviceName> device;
  std::string device_group = "__none__";
  std::string permit_text = "localhost:22,localhost:3389";
  proto::PermitList permit;
  bool accepts_public_keys = false;
  std::string key_permissions;
  bool hide = false;
  std::uint16_t ssh_port = 22;
  KeyAccess key_access;
  std::optional<std::filesystem::path> ca_file;
  atclient::Directory directory;
};

// `into` outlives the table.
Program describe(Options& into);

// What no single option can decide; config with the option to give.
Result<void> complete(Options& options);

}  // namespace noports::apps::sshnpd
