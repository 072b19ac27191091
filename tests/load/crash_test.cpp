// SPDX-License-Identifier: BSD-3-Clause
// atplatform is killed again and again while it works: what it has acknowledged must be there.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "noports/crypto/random.hpp"
#include "platform_process.hpp"

using namespace noports;
using test::PlatformProcess;
using test::RawClient;

namespace {

constexpr int kKills = 50;
constexpr std::size_t kWriters = 3;  // of records, and as many of notifications
constexpr int kBurst = 150;          // commands that each has on the way

// One connection and the commands that were sent on it in one piece.
struct Writer {
  std::unique_ptr<RawClient> client;
  std::vector<std::string> names;  // of the records, or ids of the notifications
  std::size_t acknowledged = 0;
  bool open = true;

  // Counts the acknowledgements of one record.
  void read() {
    const auto text = client->read();
    open = !text.starts_with("(");
    std::size_t from = 0;
    while ((from = text.find("data:", from)) != text.npos) {
      ++acknowledged;
      from += 5;
    }
    if (open) CHECK(text.find("error:") == text.npos);
  }
};

Writer begin(PlatformProcess& platform, int round, std::size_t number, bool notifies) {
  Writer writer;
  writer.client = platform.login("alice");
  std::string burst;
  for (int i = 0; i < kBurst; ++i) {
    const auto name = (notifies ? "n" : "k") + std::to_string(round) + "-" +
                      std::to_string(number) + "-" + std::to_string(i);
    writer.names.push_back(name);
    burst += notifies ? "notify:id:" + name + ":ttln:86400000:@bob:x.crash@alice:v\n"
                      : "update:" + name + ".crash@alice " + name + "\n";
  }
  writer.client->send(burst);
  return writer;
}

// Kills the platform in the middle of the work of all writers.
std::vector<Writer> work_and_kill(PlatformProcess& platform, int round) {
  std::vector<Writer> writers;
  for (std::size_t i = 0; i < 2 * kWriters; ++i) {
    writers.push_back(begin(platform, round, i, i >= kWriters));
  }
  const auto enough = 1 + crypto::random_below(kWriters * kBurst);
  std::size_t acknowledged = 0;
  while (acknowledged < enough) {
    acknowledged = 0;
    for (auto& writer : writers) {
      if (writer.acknowledged < writer.names.size()) writer.read();
      acknowledged += writer.acknowledged;
    }
  }
  platform.kill();
  // What was on the way is an acknowledgement too.
  for (auto& writer : writers) {
    while (writer.open) writer.read();
    writer.names.resize(writer.acknowledged);
  }
  return writers;
}

void check_records(PlatformProcess& platform, const std::vector<std::string>& names) {
  const auto alice = platform.login("alice");
  std::size_t missing = 0;
  for (const auto& name : names) {
    const auto answer = alice->ask("llookup:" + name + ".crash@alice");
    if (answer != "data:" + name + "\n@alice@") ++missing;
  }
  CHECK(missing == 0);
}

// The notifications since `epoch`, until all of `wanted` were shown. Moves `epoch` on.
void check_notifications(PlatformProcess& platform, const std::vector<Writer>& writers,
                         std::int64_t& epoch) {
  std::set<std::string> wanted, seen;
  for (std::size_t i = kWriters; i < writers.size(); ++i) {
    wanted.insert(writers[i].names.begin(), writers[i].names.end());
  }
  const auto bob = platform.login("bob");
  bob->send("monitor:" + std::to_string(epoch) + "\n");
  std::map<std::string, int> last;  // of each writer
  std::string rest;
  while (!wanted.empty()) {
    rest += bob->read();
    REQUIRE_FALSE(rest.starts_with("("));
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      const auto note = nlohmann::json::parse(rest.substr(
          std::string("notification: ").size(), end - std::string("notification: ").size()));
      rest.erase(0, end + 1);
      const auto id = note["id"].get<std::string>();
      const auto now = note["epochMillis"].get<std::int64_t>();
      REQUIRE(now > epoch);
      epoch = now;
      REQUIRE(seen.insert(id).second);
      const auto dash = id.rfind('-');
      const int number = std::stoi(id.substr(dash + 1));
      auto& before = last.try_emplace(id.substr(0, dash), -1).first->second;
      REQUIRE(number > before);
      before = number;
      wanted.erase(id);
    }
  }
}

}  // namespace

TEST_CASE("what atplatform has acknowledged survives 50 kills under load", "[crash]") {
  PlatformProcess platform;
  platform.activate("alice");
  platform.activate("bob");
  std::int64_t epoch = 0;
  std::vector<std::string> all;
  std::size_t notifications = 0;
  for (int round = 0; round < kKills; ++round) {
    CAPTURE(round);
    const auto writers = work_and_kill(platform, round);
    platform.start();
    std::vector<std::string> records;
    for (std::size_t i = 0; i < writers.size(); ++i) {
      auto& into = i < kWriters ? records : all;
      if (i < kWriters) into.insert(into.end(), writers[i].names.begin(), writers[i].names.end());
      if (i >= kWriters) notifications += writers[i].names.size();
    }
    check_records(platform, records);
    check_notifications(platform, writers, epoch);
    all.insert(all.end(), records.begin(), records.end());
  }
  check_records(platform, all);
  std::printf("%d kills, %zu records and %zu notifications acknowledged\n", kKills, all.size(),
              notifications);
  CHECK(all.size() > kKills);
  CHECK(notifications > kKills);
  CHECK(platform.stop() == 143);
}
