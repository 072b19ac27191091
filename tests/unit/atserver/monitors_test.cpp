// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/monitors.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using atserver::Arrival;

namespace {

struct Listener final : atserver::MonitorConnection {
  void offer(const Arrival& arrival) override { heard.push_back(arrival.key); }
  void tell(const std::string& line) override { heard.push_back(line); }
  std::vector<std::string> heard;
};

Arrival arrival(std::int64_t account, const std::string& key) {
  Arrival one;
  one.account = account;
  one.key = key;
  return one;
}

}  // namespace

TEST_CASE("a monitor hears what arrives for its atSign, until it has gone",
          "[atserver][monitors]") {
  atserver::Monitors monitors;
  Listener first, second, other;
  monitors.add(1, first);
  monitors.add(1, second);
  monitors.add(2, other);
  monitors.announce(arrival(1, "a"));
  monitors.tell(2, "to all");
  monitors.remove(1, first);
  monitors.announce(arrival(1, "b"));
  monitors.remove(1, second);
  monitors.announce(arrival(1, "c"));
  monitors.announce(arrival(2, "d"));
  monitors.announce(arrival(3, "e"));
  CHECK(first.heard == std::vector<std::string>{"a"});
  CHECK(second.heard == std::vector<std::string>{"a", "b"});
  CHECK(other.heard == std::vector<std::string>{"to all", "d"});
}
