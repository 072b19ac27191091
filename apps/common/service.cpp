// SPDX-License-Identifier: BSD-3-Clause
#include "common/service.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "noports/log/log.hpp"
#include "noports/net/race.hpp"

namespace noports::apps {
namespace {

using namespace std::chrono_literals;

constexpr auto kAttempt = 30s;        // for one log-in: directory, two connections
constexpr auto kFirstPause = 1000ms;  // doubled each time
constexpr auto kLongestPause = 15s;   // a server that comes back is found within this

bool may_pass(const Error& error) {
  const bool far = error.hop() == Hop::directory || error.hop() == Hop::atserver;
  return far && (error.code() == Errc::timed_out || error.code() == Errc::disconnected ||
                 error.code() == Errc::io || error.code() == Errc::not_found);
}

// Tells one state of a file from the next; all zero when there is none.
using Stamp = std::tuple<dev_t, ino_t, off_t, time_t, long>;

Stamp stamp_of(const std::filesystem::path& file) {
  struct ::stat now {};
  if (::stat(file.c_str(), &now) != 0) return {};
  return {now.st_dev, now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
}

// Until the file is another than `known`, or `limit`; says every `patience.say` what is missing.
asio::awaitable<void> change_of(std::filesystem::path file, Stamp known, net::Deadline limit,
                                KeyPatience patience, const char* sentence) {
  auto say = net::in(0ms);
  while (stamp_of(file) == known && net::in(0ms) < limit) {
    if (net::in(0ms) >= say) {
      log::warn("service", sentence, {{"file", file.string()}});
      say = net::in(patience.say);
    }
    co_await net::pause(patience.look);
  }
}

bool is_missing(const Error& error) {
  return error.code() == Errc::not_set_up && error.hop() == Hop::local;
}

asio::awaitable<Result<atclient::Account>> account_of(Identity who, std::filesystem::path file,
                                                      KeyPatience patience) {
  for (;;) {
    auto account = co_await open_account(who.self, who.access, who.directory, who.ca_file);
    if (account || !is_missing(account.error())) co_return account;
    co_await change_of(file, Stamp(), net::Deadline::max(), patience,
                       "waiting for the key file: make it with at_activate onboard or enroll");
  }
}

}  // namespace

asio::awaitable<Result<int>> serve_as(Identity who, Work work, KeyPatience patience) {
  const auto file = key_path(who.access, who.self);
  if (!file) co_return fail(file.error());
  for (;;) {
    auto account = co_await account_of(who, *file, patience);
    if (!account) co_return fail(std::move(account).error());
    const auto used = stamp_of(*file);
    auto ended = co_await work(*std::move(account));
    if (ended || ended.error().code() != Errc::revoked) co_return ended;
    log::error("service", "our enrolment has been withdrawn, all sessions have ended",
               {{"atsign", who.self.str()}, {"why", ended.error().what()}});
    co_await change_of(*file, used, net::in(patience.retry), patience,
                       "waiting for new keys: enroll this machine again with at_activate enroll");
  }
}

asio::awaitable<Result<int>> serve_as(Identity who, Work work) {
  const KeyPatience usual;
  return serve_as(std::move(who), std::move(work), usual);
}

asio::awaitable<Result<std::unique_ptr<atclient::Client>>> connect_patiently(
    atclient::Account account) {
  std::chrono::milliseconds pause = kFirstPause;
  for (;;) {
    auto client = co_await atclient::connect(account, net::in(kAttempt));
    if (client || !may_pass(client.error())) co_return client;
    log::warn("service", "not connected, will try again",
              {{"why", client.error().what()}, {"in_ms", pause.count()}});
    co_await net::pause(pause);
    pause = std::min<std::chrono::milliseconds>(pause * 2, kLongestPause);
  }
}

std::size_t raise_descriptor_limit() noexcept {
  constexpr std::size_t kUsual = 1024;  // what a system gives that does not say
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kUsual;
  const rlimit before = limit;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit = before;
  return static_cast<std::size_t>(limit.rlim_cur);
}

void log_as_service() noexcept {
  if (!log::enabled(log::Level::info)) log::set_level(log::Level::info);
}

}  // namespace noports::apps
