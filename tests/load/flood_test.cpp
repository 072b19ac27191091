// SPDX-License-Identifier: BSD-3-Clause
// 9,000 connections that are no clients, and the clients beside them.
#include "flood.hpp"

#include "platform_process.hpp"

using namespace noports;
using test::Flood;
using test::PlatformProcess;

namespace {

constexpr std::size_t kConnections = 9000;
constexpr std::size_t kOurs = 200;  // descriptors besides
// What 8,192 strangers may cost the platform; it keeps 4,096 at the directory and 4,096 at the
// atServers (Limits::strangers).
constexpr std::size_t kMostMemory = 512u * 1024 * 1024;

// What a client does first: directory, log-in, a record written and read.
void be_honest(PlatformProcess& platform, int number) {
  const auto alice = platform.login("alice");
  const auto key = "k" + std::to_string(number) + ".flood@alice";
  CHECK(alice->ask("update:" + key + " v").starts_with("data:"));
  CHECK(alice->ask("llookup:" + key) == "data:v\n@alice@");
}

}  // namespace

TEST_CASE("honest clients are served beside 9,000 slow or garbage connections", "[load]") {
  const auto hard_limit = test::raise_descriptors();
  INFO("the hard limit of descriptors is " << hard_limit << " (ulimit -Hn)");
  REQUIRE(hard_limit >= kConnections + kOurs);
  PlatformProcess platform;
  platform.activate("alice");
  const auto before = platform.memory();
  // Somebody who was here before stays.
  const auto old = platform.login("alice");
  std::size_t most = before;
  {
    Flood flood({platform.directory_port(), platform.port_of("alice")}, kConnections);
    REQUIRE(test::eventually(platform.loop, [&] { return flood.reached() == kConnections; }));
    for (int i = 0; i < 50; ++i) {
      be_honest(platform, i);
      most = std::max(most, platform.memory());
    }
    CHECK(old->ask("noop:0") == "data:ok\n@alice@");
    std::printf("%zu connected, %zu opened again, platform %zu MiB, before %zu MiB\n", flood.open(),
                flood.reopened(), most >> 20, before >> 20);
  }
  CHECK(most < kMostMemory);
  be_honest(platform, 50);
  CHECK(platform.stop() == 143);
}
