// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/admission.hpp"

#include <catch2/catch.hpp>

using noports::atserver::Admission;
using noports::atserver::Rarely;

TEST_CASE("strangers are bounded by address and in all", "[atserver][admission][hostile]") {
  Admission admission(2, 3);
  auto first = admission.enter("a");
  auto second = admission.enter("a");
  REQUIRE(first);
  REQUIRE(second);
  CHECK_FALSE(admission.enter("a"));
  auto third = admission.enter("b");
  REQUIRE(third);
  CHECK_FALSE(admission.enter("c"));
  third.reset();
  CHECK(admission.enter("c"));
}

TEST_CASE("who is authenticated makes place, once", "[atserver][admission]") {
  Admission admission(1, 9);
  {
    auto slot = admission.enter("a");
    REQUIRE(slot);
    slot->leave();
    slot->leave();
    CHECK(admission.size() == 0);
    auto other = admission.enter("a");
    REQUIRE(other);
    slot->come_back();
    CHECK(admission.size() == 2);
    CHECK_FALSE(admission.enter("a"));
  }
  CHECK(admission.size() == 0);
}

TEST_CASE("a slot that was moved from gives nothing back", "[atserver][admission]") {
  Admission admission(9, 9);
  auto slot = admission.enter("a");
  {
    const Admission::Slot moved(*std::move(slot));
    slot.reset();
    CHECK(admission.size() == 1);
  }
  CHECK(admission.size() == 0);
}

TEST_CASE("refusals are told once a minute, with their number", "[atserver][admission][hostile]") {
  using namespace std::chrono_literals;
  Rarely refusals;
  const auto now = std::chrono::steady_clock::now();
  CHECK(refusals.note(now) == 1);
  for (int i = 0; i < 99; ++i) CHECK(refusals.note(now + 59s) == 0);
  CHECK(refusals.note(now + 60s) == 100);
  CHECK(refusals.note(now + 61s) == 0);
}
