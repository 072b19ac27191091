// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/announcements.hpp"

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "noports/daemon/describe.hpp"
#include "noports/log/log.hpp"
#include "noports/net/race.hpp"

namespace noports::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;      // for one exchange with our atServer
constexpr auto kKeyPatience = 10s;   // at the start, before anybody is served
constexpr auto kRecordsEvery = 1h;   // noports-wire.md 15, device_info
constexpr auto kRecordsRetry = 30s;  // when the atServer could not be reached
constexpr auto kDeviceInfoTtl = std::chrono::days{30};
constexpr auto kHeartbeatEvery = 5min;
constexpr std::chrono::milliseconds kHeartbeatTtl = 5min;

}  // namespace

Announcements::Announcements(asio::any_io_executor executor, atclient::Mailbox& mail,
                             const Options& options)
    : mail_(mail), options_(options), records_due_(executor), heartbeat_due_(executor) {}

proto::PingAnswer Announcements::about_us() const {
  return describe(options_.device, options_.device_group, options_.rules, published_);
}

asio::awaitable<void> Announcements::publish_key() {
  if (!options_.enrolment || published_) co_return;
  auto ended = co_await signing::publish(mail_, *options_.enrolment, net::in(kKeyPatience));
  if (ended) {
    published_ = options_.enrolment;
  } else {
    log::warn("daemon", "our signing key cannot be published, so ESCR is not offered",
              {{"why", ended.error().what()}});
  }
}

asio::awaitable<void> Announcements::keep_records() {
  for (;;) {
    has_changed_ = false;
    const bool done = co_await update_records();
    const std::chrono::seconds span = done ? kRecordsEvery : kRecordsRetry;
    if (!has_changed_) co_await records_due_.wait(net::in(span));
  }
}

// False when something is still to be done.
asio::awaitable<bool> Announcements::update_records() {
  bool done = true;
  co_await publish_key();
  std::vector<std::pair<at::Atsign, bool>> todo;  // true: publish
  for (const auto& manager : options_.rules.managers) todo.emplace_back(manager, !options_.hide);
  for (const auto& former : former_managers_) todo.emplace_back(former, false);
  for (const auto& [manager, publishes] : todo) {
    auto records = publishes ? publish(manager) : withdraw(manager);
    auto ended = co_await std::move(records);
    if (ended) {
      former_managers_.erase(manager);
      continue;
    }
    log::warn("daemon", "the device's records could not be written",
              {{"manager", manager.str()}, {"why", ended.error().what()}});
    done = false;
  }
  co_return done;
}

asio::awaitable<void> Announcements::keep_policy_informed() {
  for (;;) {
    const auto policy = options_.rules.policy;
    if (policy) {
      atclient::Letter letter{*policy, proto::policy_heartbeat_key(options_.device),
                              encode(about_us()), kHeartbeatTtl, kHeartbeatTtl};
      auto sent = co_await mail_.notify(std::move(letter), net::in(kPatience));
      if (!sent) {
        log::warn("daemon", "the policy service could not be told that we are here",
                  {{"why", sent.error().what()}});
      }
    }
    const bool is_same = policy == options_.rules.policy;
    if (is_same) co_await heartbeat_due_.wait(net::in(kHeartbeatEvery));
  }
}

void Announcements::rules_changed(const Rules& before) {
  const auto& rules = options_.rules;
  for (const auto& manager : before.managers) {
    if (!rules.managers.contains(manager)) former_managers_.insert(manager);
  }
  for (const auto& manager : rules.managers) former_managers_.erase(manager);
  has_changed_ = true;
  records_due_.notify();
  if (before.policy != rules.policy) heartbeat_due_.notify();
}

asio::awaitable<Result<void>> Announcements::publish(at::Atsign manager) {
  const auto user_key = proto::device_key("username", options_.device);
  atclient::Record user{manager, user_key, options_.user, {}, -1, true};
  auto stored = co_await mail_.put(std::move(user), net::in(kPatience));
  if (!stored) co_return stored;
  // Clients of the reference read the copy that their own atServer keeps of a notification.
  atclient::Letter letter{manager, user_key, options_.user, {}, 60s, -1, true};
  auto sent = co_await mail_.notify(std::move(letter), net::in(kPatience));
  if (!sent) co_return sent;
  atclient::Record info{manager,
                        proto::device_key("device_info", options_.device),
                        encode(about_us()),
                        kDeviceInfoTtl,
                        -1,
                        true};
  co_return co_await mail_.put(std::move(info), net::in(kPatience));
}

asio::awaitable<Result<void>> Announcements::withdraw(at::Atsign manager) {
  static constexpr std::array<const char*, 2> kKinds = {"username", "device_info"};
  for (const auto* kind : kKinds) {
    auto key = at::Key::shared(manager, proto::device_key(kind, options_.device), mail_.self());
    auto gone = co_await mail_.remove(std::move(key), net::in(kPatience));
    if (!gone && gone.error().code() != Errc::not_found) co_return gone;
  }
  co_return Result<void>();
}

}  // namespace noports::daemon
