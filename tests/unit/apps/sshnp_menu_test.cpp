// SPDX-License-Identifier: BSD-3-Clause
#include "sshnp/menu.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using namespace apps::sshnp;

namespace {

std::vector<client::Listed> devices() {
  const auto dev = *at::Atsign::parse("@dev");
  std::vector<client::Listed> all;
  for (const auto* name : {"attic", "barn", "7"}) {
    all.emplace_back(client::Device(dev, *proto::DeviceName::parse(name)));
  }
  all[1].is_active = true;
  return all;
}

}  // namespace

TEST_CASE("sshnp: the menu begins with the devices that answer", "[apps][sshnp]") {
  CHECK(menu_text(devices()) ==
        "1) barn\n2) attic (does not answer)\n3) 7 (does not answer)\nWhich device? [1] ");
}

TEST_CASE("sshnp: a device is chosen by number or by name", "[apps][sshnp]") {
  CHECK(choose(devices(), "").value().str() == "barn");
  CHECK(choose(devices(), " 2 ").value().str() == "attic");
  CHECK(choose(devices(), "ATTIC").value().str() == "attic");
  CHECK(choose(devices(), "7").value().str() == "7");  // a name before a number
}

TEST_CASE("sshnp: what is not in the menu cannot be chosen", "[apps][sshnp][hostile]") {
  for (const auto* typed : {"0", "4", "-1", "1x", "shed", "\x1b[A", "99999999999999999999"}) {
    CAPTURE(typed);
    const auto chosen = choose(devices(), typed);
    REQUIRE_FALSE(chosen);
    CHECK(chosen.error().code() == Errc::config);
  }
}
