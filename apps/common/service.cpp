// SPDX-License-Identifier: BSD-3-Clause
#include "common/service.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

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

}  // namespace

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
