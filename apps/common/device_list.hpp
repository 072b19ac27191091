// SPDX-License-Identifier: BSD-3-Clause
// --list-devices of the clients: asking, and what is printed (cli-and-packaging.md 2.5).
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/key_access.hpp"
#include "common/progress.hpp"
#include "noports/at/atsign.hpp"
#include "noports/atclient/client.hpp"
#include "noports/base/result.hpp"
#include "noports/client/list_devices.hpp"

namespace noports::apps {

struct ListWish {
  at::Atsign from;
  std::optional<at::Atsign> of;  // none: of every atSign whose devices know us
  KeyAccess key_access;
  atclient::Directory directory;
  std::optional<std::filesystem::path> ca_file;
  std::chrono::seconds patience{10};  // for the answers
  bool as_json = false;
};

// The reference's form: "Active Devices:", "  lab - v5.6.3 (core v6.2.0)" ..., "Inactive Devices:";
// names with their atSigns unless `is_of_one`. Peers' texts are made fit for a terminal.
std::string device_list_text(const std::vector<client::Listed>& all, bool is_of_one);

// One line: [{"device":"lab","atsign":"@dev","active":true,"version":"5.6.3",
// "coreVersion":"6.2.0","group":"__none__","allowedServices":["localhost:22"]}, ...]; the last four
// are null when they are not known.
std::string device_list_json(const std::vector<client::Listed>& all);

// Logs in and asks.
asio::awaitable<Result<std::vector<client::Listed>>> find_devices(ListWish wish, Say say);

// The same, and prints the list on stdout. The status is 0 also for an empty list.
asio::awaitable<Result<int>> print_device_list(ListWish wish, Say say);

}  // namespace noports::apps
