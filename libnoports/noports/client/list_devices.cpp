// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/list_devices.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <tuple>
#include <utility>

#include "noports/at/key.hpp"
#include "noports/base/text.hpp"
#include "noports/log/log.hpp"

namespace noports::client {
namespace {

using namespace std::chrono_literals;

constexpr auto kScanPatience = 20s;    // for our atServer, which asks another one
constexpr auto kRecordsPatience = 5s;  // for the records of all silent devices together
constexpr auto kClockStep = 1s;        // what the times of notifications may be off
constexpr int kInboxSize = 256;        // of atclient::Inbox
constexpr const char* kInfoPattern = "device_info\\.[a-z0-9_][a-z0-9_-]{0,35}\\.sshnp";
// A daemon's user name is notified, so that a copy of it lies here; device_info is only stored
// there by some daemons (noports-wire.md 4).
constexpr const char* kAnyPattern = "(device_info|username)\\.[a-z0-9_][a-z0-9_-]{0,35}\\.sshnp";

std::vector<Device> sorted(std::vector<Device> all) {
  const auto order = [](const Device& a, const Device& b) {
    return std::tie(a.atsign, a.name) < std::tie(b.atsign, b.name);
  };
  const auto same = [](const Device& a, const Device& b) {
    return std::tie(a.atsign, a.name) == std::tie(b.atsign, b.name);
  };
  std::sort(all.begin(), all.end(), order);
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

std::set<at::Atsign> owners_of(const std::vector<std::string>& keys) {
  std::set<at::Atsign> owners;
  for (const auto& text : keys) {
    auto key = at::Key::parse(text);
    if (key && key->owner) owners.insert(*key->owner);
  }
  return owners;
}

asio::awaitable<Result<std::vector<Device>>> known_devices(atclient::Mailbox& mail,
                                                           std::optional<at::Atsign> of) {
  if (of) {
    auto keys = co_await mail.scan_shared(*of, kInfoPattern, net::in(kScanPatience));
    if (!keys) co_return fail(std::move(keys).error());
    co_return devices_in(*keys);
  }
  auto copies = co_await mail.scan(kAnyPattern, net::in(kScanPatience));
  if (!copies) co_return fail(std::move(copies).error());
  std::vector<std::string> all = *copies;
  const auto owners = owners_of(*copies);
  for (const auto& owner : owners) {
    auto keys = co_await mail.scan_shared(owner, kInfoPattern, net::in(kScanPatience));
    if (keys) {  // the copies of what it has withdrawn do not count
      const auto is_its = [&owner](const std::string& key) { return key.ends_with(owner.str()); };
      std::erase_if(all, is_its);
      all.insert(all.end(), keys->begin(), keys->end());
    } else {
      log::info("client", "what is shared with us cannot be listed",
                {{"atsign", owner.str()}, {"why", keys.error().what()}});
    }
  }
  co_return devices_in(all);
}

asio::awaitable<Result<void>> ask_one(atclient::Mailbox& mail, const Listed& one,
                                      net::Deadline deadline) {
  const auto key = proto::device_key("ping", one.device.name);
  atclient::Letter letter{one.device.atsign, key, "ping"};
  letter.ttl.reset();
  auto sent = co_await mail.notify(std::move(letter), deadline);
  if (!sent) {
    log::info("client", "a device could not be asked",
              {{"device", one.device.name.str()}, {"why", sent.error().what()}});
  }
  co_return Result<void>();
}

// Those from `begin` to before `end`, side by side.
asio::awaitable<Result<void>> ask_all(atclient::Mailbox& mail, const std::vector<Listed>& all,
                                      std::size_t begin, std::size_t end, net::Deadline deadline) {
  if (begin == end) co_return Result<void>();
  if (end - begin == 1) co_return co_await ask_one(mail, all[begin], deadline);
  const auto middle = begin + (end - begin) / 2;
  co_await net::both(ask_all(mail, all, begin, middle, deadline),
                     ask_all(mail, all, middle, end, deadline));
  co_return Result<void>();
}

// Heartbeats of before we asked, which our atServer tells again to a new connection, as far as they
// have come.
asio::awaitable<void> forget_old(atclient::Inbox& inbox) {
  for (int i = 0; i < kInboxSize; ++i) {
    auto old = co_await net::before(net::in(0s), inbox.next());
    if (!old) co_return;
  }
}

std::size_t index_of(const std::vector<Listed>& all, const at::Atsign& from,
                     std::string_view key) noexcept {
  const auto is_its = [&](const Listed& one) {
    return one.device.atsign == from && proto::kind_of(key, one.device.name) == "heartbeat";
  };
  return static_cast<std::size_t>(std::find_if(all.begin(), all.end(), is_its) - all.begin());
}

// Our atServer's clock is not ours, but all true answers came within `span` of its time. `times`
// are those of the answers, in ms.
void drop_old(std::vector<Listed>& all, const std::vector<std::int64_t>& times,
              std::chrono::milliseconds span) {
  const auto oldest = *std::max_element(times.begin(), times.end()) - (span + kClockStep).count();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (times[i] < oldest) all[i].is_active = false;
  }
}

bool is_complete(const std::vector<Listed>& all) noexcept {
  return std::all_of(all.begin(), all.end(), [](const Listed& one) { return one.is_active; });
}

asio::awaitable<Result<void>> hear_all(atclient::Inbox& inbox, std::vector<Listed>& all,
                                       net::Deadline deadline) {
  const auto asked = std::chrono::steady_clock::now();
  std::vector<std::int64_t> times(all.size(), 0);
  while (!is_complete(all)) {
    auto note = co_await net::before(deadline, inbox.next());
    if (!note && note.error().code() == Errc::timed_out) break;
    if (!note) co_return fail(std::move(note).error());
    const auto index = index_of(all, note->from, note->key.str());
    if (!hear(all, note->from, note->key.str(), note->value)) continue;
    times[index] = note->epoch_millis;
    const auto span = std::chrono::steady_clock::now() - asked;
    drop_old(all, times, std::chrono::duration_cast<std::chrono::milliseconds>(span));
  }
  co_return Result<void>();
}

asio::awaitable<void> read_records(atclient::Mailbox& mail, std::vector<Listed>& all,
                                   net::Deadline deadline) {
  for (auto& one : all) {
    if (one.is_active) continue;
    const auto key = proto::device_key("device_info", one.device.name);
    auto text = co_await mail.get(one.device.atsign, key, true, deadline);
    if (!text) continue;
    auto info = proto::decode_ping(*text);
    if (info) one.info = *std::move(info);
  }
}

}  // namespace

std::vector<Device> devices_in(const std::vector<std::string>& keys) {
  std::vector<Device> all;
  for (const auto& text : keys) {
    auto key = at::Key::parse(text);
    if (!key || !key->owner) continue;
    std::string_view rest = key->name.str();
    if (!take(rest, "device_info.") || !rest.ends_with(".sshnp")) continue;
    rest.remove_suffix(std::string_view(".sshnp").size());
    auto name = proto::DeviceName::parse(rest);
    if (name) all.emplace_back(*key->owner, *std::move(name));
  }
  return sorted(std::move(all));
}

bool hear(std::vector<Listed>& all, const at::Atsign& from, std::string_view key,
          std::string_view value) {
  const auto index = index_of(all, from, key);
  if (index == all.size() || all[index].is_active) return false;
  all[index].is_active = true;
  auto info = proto::decode_ping(value);
  if (info) all[index].info = *std::move(info);
  return true;
}

asio::awaitable<Result<std::vector<Listed>>> list_devices(atclient::Mailbox& mail,
                                                          std::optional<at::Atsign> of,
                                                          std::chrono::milliseconds patience) {
  auto inbox = mail.subscribe(
      [](const at::Atsign&, std::string_view key) { return key.starts_with("heartbeat."); });
  auto known = co_await known_devices(mail, std::move(of));
  if (!known) co_return fail(std::move(known).error());
  std::vector<Listed> all(known->begin(), known->end());
  co_await forget_old(inbox);
  const auto answers_by = net::in(patience);
  auto [asked, heard] = co_await net::both(ask_all(mail, all, 0, all.size(), answers_by),
                                           hear_all(inbox, all, answers_by));
  if (!heard) co_return fail(std::move(heard).error());
  co_await read_records(mail, all, net::in(kRecordsPatience));
  co_return all;
}

}  // namespace noports::client
