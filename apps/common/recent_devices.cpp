// SPDX-License-Identifier: BSD-3-Clause
#include "common/recent_devices.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "common/environment.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"

namespace noports::apps {
namespace {

constexpr std::size_t kKept = 100;
constexpr std::size_t kLongest = 64 * 1024;  // bytes of the file that are read

Result<std::filesystem::path> file() {
  auto folder = state_folder();
  if (!folder) return fail(std::move(folder).error());
  return *folder / "recent-devices";
}

}  // namespace

std::vector<RecentDevice> decode_recent_devices(std::string_view text) {
  std::vector<RecentDevice> all;
  for (const auto line : split(text, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() != 3 || all.size() >= kKept) continue;
    auto atsign = at::Atsign::parse(words[0]);
    auto name = proto::DeviceName::parse(words[1]);
    auto relay = at::Atsign::parse(words[2]);
    if (!atsign || !name || !relay) continue;
    all.push_back({*std::move(atsign), *std::move(name), *std::move(relay)});
  }
  return all;
}

std::string encode(const std::vector<RecentDevice>& devices) {
  std::string text;
  for (const auto& one : devices) {
    text += one.atsign.str() + " " + one.name.str() + " " + one.relay.str() + "\n";
  }
  return text;
}

std::vector<RecentDevice> recent_devices() {
  const auto path = file();
  if (!path) return {};
  std::ifstream in(*path, std::ios::binary);
  std::string text(kLongest, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return decode_recent_devices(text);
}

void remember_device(const RecentDevice& device) {
  const auto path = file();
  if (!path) return;
  auto all = recent_devices();
  std::erase_if(all, [&device](const RecentDevice& one) {
    return one.atsign == device.atsign && one.name == device.name;
  });
  all.insert(all.begin(), device);
  if (all.size() > kKept) all.resize(kKept, device);
  // Of its own for each process: several clients end at the same time.
  auto beside = *path;
  beside += "." + std::to_string(::getpid()) + ".new";
  std::ofstream out(beside, std::ios::trunc);
  out << encode(all);
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(beside, *path, failed);
  if (!out || failed) {
    log::debug("client", "the device is not kept for completion", {{"file", path->string()}});
    std::filesystem::remove(beside, failed);
  }
}

}  // namespace noports::apps
