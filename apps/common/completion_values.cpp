// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "common/completion.hpp"
#include "common/environment.hpp"
#include "common/recent_devices.hpp"
#include "noports/at/atsign.hpp"

namespace noports::apps {
namespace {

constexpr std::string_view kKeyFile = "_key.atKeys";
// Relays that run publicly (cli-and-packaging.md, the table of relays).
constexpr std::string_view kPublicRelays[] = {"@rv_am", "@rv_eu", "@rv_ap"};

// What a shell would read as more than a word is not offered: it would stand on the command line.
bool is_plain_word(const std::string& text) {
  static constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789@_-";
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0x80) != 0 || kPlain.find(c) != kPlain.npos;
  });
}

std::set<std::string> with_keys() {
  std::set<std::string> all;
  const auto home = home_folder();
  if (!home) return all;
  std::error_code failed;
  for (const auto& entry :
       std::filesystem::directory_iterator(*home / ".atsign" / "keys", failed)) {
    auto name = entry.path().filename().string();
    if (!name.ends_with(kKeyFile)) continue;
    name.resize(name.size() - kKeyFile.size());
    if (const auto atsign = at::Atsign::parse(name)) all.insert(atsign->str());
  }
  return all;
}

}  // namespace

std::optional<std::vector<std::string>> completion_values(std::string_view kind) {
  std::set<std::string> all;
  const auto is = [kind](Completes what) { return completes_name(what) == kind; };
  if (is(Completes::own_atsign)) {
    all = with_keys();
  } else if (is(Completes::device_atsign)) {
    for (const auto& one : recent_devices()) all.insert(one.atsign.str());
  } else if (is(Completes::device)) {
    for (const auto& one : recent_devices()) all.insert(one.name.str());
  } else if (is(Completes::relay)) {
    all.insert(std::begin(kPublicRelays), std::end(kPublicRelays));
    for (const auto& one : recent_devices()) all.insert(one.relay.str());
  } else {
    return std::nullopt;
  }
  std::erase_if(all, [](const std::string& one) { return !is_plain_word(one); });
  return std::vector<std::string>(all.begin(), all.end());
}

}  // namespace noports::apps
