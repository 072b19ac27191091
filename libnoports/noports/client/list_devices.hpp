// SPDX-License-Identifier: BSD-3-Clause
// Which devices share their information with us, and which of them answer now
// (noports-newer.md 3.5, cli-and-packaging.md 2.5).
#pragma once

#include <asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "noports/at/atsign.hpp"
#include "noports/base/result.hpp"
#include "noports/client/caller.hpp"
#include "noports/proto/ping.hpp"

namespace noports::client {

struct Listed {
  explicit Listed(Device device_) : device(std::move(device_)) {}
  Device device;
  bool is_active = false;  // has answered
  // What it said; of a silent one what it said last. Absent when neither can be read.
  std::optional<proto::PingAnswer> info;
};

// The devices whose device_info records are among `keys`, which are full names as a scan tells
// them ("cached:@us:device_info.lab.sshnp@dev", "device_info.lab.sshnp@dev"): each once, by atSign,
// then by name. What is no such key is passed over.
std::vector<Device> devices_in(const std::vector<std::string>& keys);

// Marks the device of `all` whose heartbeat this is. False when it is of none, or of one that has
// answered before. `key` is lower case, without '@to:' in front and '@from' behind.
bool hear(std::vector<Listed>& all, const at::Atsign& from, std::string_view key,
          std::string_view value);

// The devices of one atSign, without it those of every atSign whose record our atServer holds a
// copy of; in the order of devices_in(). All are asked at once; returns when all have answered, or
// soon after they have had `patience` for it: then the records of the silent ones are read. That
// nobody answers is no error.
asio::awaitable<Result<std::vector<Listed>>> list_devices(atclient::Mailbox& mail,
                                                          std::optional<at::Atsign> of,
                                                          std::chrono::milliseconds patience);

}  // namespace noports::client
