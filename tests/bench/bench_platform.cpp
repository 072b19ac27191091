// SPDX-License-Identifier: BSD-3-Clause
// Figures of atplatform for scripts/bench: start-up, notifications end to end, memory of monitors,
// and what 9,000 hostile connections cost honest clients. Sender, recipient and platform share the
// machine.
#include <algorithm>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>

#include "load/flood.hpp"
#include "load/platform_process.hpp"
#include "noports/net/task_group.hpp"

using namespace noports;
using test::PlatformProcess;
using test::RawClient;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double quantile(std::vector<double>& values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

// The monitor of @bob and the connections of @alice that notify it.
struct Lane {
  explicit Lane(PlatformProcess& platform, std::size_t senders_)
      : loop(platform.loop), monitor(platform.login("bob")) {
    monitor->send("monitor\n");
    REQUIRE(monitor->ask("noop:0") == "data:ok\n");
    for (std::size_t i = 0; i < senders_; ++i) senders.push_back(platform.login("alice"));
  }
  asio::io_context& loop;
  std::unique_ptr<RawClient> monitor;
  std::vector<std::unique_ptr<RawClient>> senders;
  std::vector<Clock::time_point> sent;
  std::vector<double> waits;  // ms, in the order of their arrival
  std::size_t arrived = 0;
};

asio::awaitable<void> watch(Lane& lane, std::size_t until, std::string mark) {
  std::string rest;
  while (lane.arrived < until) {
    auto bytes = co_await lane.monitor->stream().read_some();
    if (!bytes || bytes->empty()) co_return;
    rest += *bytes;
    std::size_t from = 0;
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n', from)) {
      const auto at = rest.find(mark, from);
      if (at < end) {
        const auto number = std::stoul(rest.substr(at + mark.size(), 9));
        lane.waits.push_back(milliseconds_since(lane.sent[number]));
        ++lane.arrived;
      }
      from = end + 1;
    }
    rest.erase(0, from);
  }
}

std::string notification(std::size_t number, const std::string& mark) {
  return "notify:id:" + mark + std::to_string(number) +
         ":ttln:60000:@bob:request.device.sshnp@alice:" + std::string(300, 'v') + "\n";
}

// Sends what falls to one connection; at most `window` are not acknowledged.
asio::awaitable<void> send_all(Lane& lane, std::size_t mine, std::size_t count, std::size_t window,
                               std::string mark) {
  auto& stream = lane.senders[mine]->stream();
  std::size_t next = mine, open = 0;
  while (next < count || open > 0) {
    std::string burst;
    while (next < count && open < window) {
      lane.sent[next] = Clock::now();
      burst += notification(next, mark);
      next += lane.senders.size();
      ++open;
    }
    if (!burst.empty()) {
      auto written = co_await stream.write_all(std::move(burst));
      if (!written) co_return;
    }
    auto answers = co_await stream.read_some();
    if (!answers || answers->empty()) co_return;
    open -= static_cast<std::size_t>(std::count(answers->begin(), answers->end(), '\n'));
  }
}

// One every `every`, whatever is acknowledged.
asio::awaitable<void> send_paced(Lane& lane, std::size_t count, std::chrono::microseconds every,
                                 std::string mark) {
  asio::steady_timer timer(lane.loop);
  const auto start = Clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    timer.expires_at(start + every * static_cast<int>(i));
    co_await timer.async_wait(asio::use_awaitable);
    auto& stream = lane.senders[i % lane.senders.size()]->stream();
    lane.sent[i] = Clock::now();
    auto written = co_await stream.write_all(notification(i, mark));
    if (!written) co_return;
  }
}

asio::awaitable<void> read_answers(RawClient& sender) {
  for (;;) {
    auto answers = co_await sender.stream().read_some();
    if (!answers || answers->empty()) co_return;
  }
}

void finish(Lane& lane, net::TaskGroup& tasks, std::size_t count) {
  REQUIRE(test::eventually(lane.loop, [&] { return lane.arrived == count; }));
  tasks.cancel();
  test::run(lane.loop, tasks.join());
}

void throughput(PlatformProcess& platform, std::size_t senders, std::size_t count) {
  Lane lane(platform, senders);
  lane.sent.resize(count);
  const std::string mark = "t" + std::to_string(senders) + "-";
  net::TaskGroup tasks(lane.loop.get_executor(), nullptr);
  const auto start = Clock::now();
  tasks.spawn(watch(lane, count, mark));
  for (std::size_t i = 0; i < senders; ++i) tasks.spawn(send_all(lane, i, count, 32, mark));
  finish(lane, tasks, count);
  std::printf("  %zu sender(s), 32 unanswered each: notifications/s %33.0f\n", senders,
              static_cast<double>(count) / milliseconds_since(start) * 1000);
}

void latency(PlatformProcess& platform, std::size_t per_second, std::size_t count) {
  Lane lane(platform, 64);
  lane.sent.resize(count);
  const std::string mark = "l" + std::to_string(per_second) + "-";
  net::TaskGroup tasks(lane.loop.get_executor(), nullptr);
  tasks.spawn(watch(lane, count, mark));
  for (auto& sender : lane.senders) tasks.spawn(read_answers(*sender));
  tasks.spawn(send_paced(lane, count, std::chrono::microseconds(1'000'000 / per_second), mark));
  finish(lane, tasks, count);
  std::printf("  at %zu/s, sent to shown (ms): p50 %.2f  p99 %.2f  most %.2f\n", per_second,
              quantile(lane.waits, 0.5), quantile(lane.waits, 0.99), quantile(lane.waits, 1));
}

double honest_wait(PlatformProcess& platform) {
  std::vector<double> waits;
  for (int i = 0; i < 41; ++i) {
    const auto start = Clock::now();
    const auto alice = platform.login("alice");
    REQUIRE(alice->ask("update:honest.bench@alice v").starts_with("data:"));
    waits.push_back(milliseconds_since(start));
  }
  return quantile(waits, 0.5);
}

}  // namespace

TEST_CASE("notifications") {
  PlatformProcess platform;
  platform.activate("alice");
  platform.activate("bob");
  std::printf("notifications end to end (300 bytes; each on disk before it is acknowledged)\n");
  throughput(platform, 1, 2'000);
  throughput(platform, 64, 10'000);
  latency(platform, 1000, 5'000);
  latency(platform, 2000, 5'000);
}

TEST_CASE("start-up") {
  PlatformProcess platform;
  platform.activate("alice");
  const auto alice = platform.login("alice");
  std::string burst;
  for (int i = 0; i < 10'000; ++i) burst += "update:k" + std::to_string(i) + ".b@alice value\n";
  alice->send(burst);
  std::string last;
  while (last.find("data:10000") == last.npos) last = alice->read();
  std::vector<double> waits;
  for (int i = 0; i < 7; ++i) {
    platform.stop();
    const auto start = Clock::now();
    platform.start();
    waits.push_back(milliseconds_since(start));
  }
  std::printf("start-up with 10,000 records, to the line \"directory\" (ms) %23.1f\n",
              quantile(waits, 0.5));
}

TEST_CASE("monitors") {
  constexpr std::size_t kMonitors = 1000, kOnOne = 190;  // an atSign has at most 200 connections
  test::raise_descriptors();
  PlatformProcess platform;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i * kOnOne < kMonitors; ++i) {
    platform.activate("m" + std::to_string(i));
    ports.push_back(platform.port_of("m" + std::to_string(i)));
  }
  const auto before = platform.memory();
  std::vector<std::unique_ptr<RawClient>> monitors;
  for (std::size_t i = 0; i < kMonitors; ++i) {
    const auto who = i / kOnOne;
    monitors.push_back(platform.login("m" + std::to_string(who), ports[who]));
    monitors.back()->send("monitor\n");
    REQUIRE(monitors.back()->ask("noop:0") == "data:ok\n");
  }
  const auto after = platform.memory();
  std::printf("%zu idle monitors: whole process (MiB) %.1f, each (KiB) %.1f\n", kMonitors,
              static_cast<double>(after) / 1048576,
              static_cast<double>(after - before) / 1024 / static_cast<double>(kMonitors));
}

TEST_CASE("flood") {
  constexpr std::size_t kConnections = 9000;
  REQUIRE(test::raise_descriptors() > kConnections + 200);
  PlatformProcess platform;
  platform.activate("alice");
  const auto before = honest_wait(platform);
  const test::Flood flood({platform.directory_port(), platform.port_of("alice")}, kConnections);
  const bool is_up =
      test::eventually(platform.loop, [&] { return flood.reached() == kConnections; });
  CAPTURE(flood.reached(), flood.open(), flood.reopened());
  REQUIRE(is_up);
  const auto during = honest_wait(platform);
  std::printf(
      "directory, log-in and update (ms): alone %.1f, beside %zu slow or garbage "
      "connections %.1f (%.2f times); platform %zu MiB\n",
      before, kConnections, during, during / before, platform.memory() >> 20);
}
