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

TEST_CASE("the one that came first makes place, of its address or of all",
          "[atserver][admission][hostile]") {
  Admission admission(2, 3, Admission::WhenFull::first_leaves);
  std::string ended;
  const auto enter = [&](const std::string& address, char name) {
    auto slot = admission.enter(address);
    REQUIRE(slot);
    slot->on_eviction([&ended, name] { ended += name; });
    return slot;
  };
  auto b1 = enter("b", '1');
  auto a2 = enter("a", '2'), a3 = enter("a", '3');
  CHECK(ended.empty());
  const auto a4 = enter("a", '4');
  CHECK(ended == "2");  // of its address, although another was here before
  const auto c5 = enter("c", '5');
  CHECK(ended == "21");
  a2.reset();  // has no place to give back
  b1->leave();
  CHECK(admission.size() == 3);
  CHECK(admission.evicted() == 2);
  // Who was authenticated meanwhile counts anew, as one that came last.
  a3->leave();
  a3->come_back();
  CHECK(admission.size() == 3);
  const auto d6 = enter("d", '6');
  CHECK(ended == "214");
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
