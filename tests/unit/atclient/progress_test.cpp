// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/progress.hpp"

#include <catch2/catch.hpp>
#include <string>

using noports::atclient::Progress;

namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
const std::int64_t kMargin = Progress::kMargin;
const std::size_t kMost = Progress::kMost;

}  // namespace

TEST_CASE("a notification is new once", "[atclient][progress]") {
  Progress progress(kNow, false);
  CHECK(progress.take("a", kNow + 1));
  CHECK_FALSE(progress.take("a", kNow + 1));
  CHECK(progress.take("b", kNow + 1));
  CHECK(progress.newest() == kNow + 1);
}

TEST_CASE("a stream that broke before it was settled is resumed where it began",
          "[atclient][progress]") {
  Progress progress(kNow, false);
  progress.take("live", kNow + 500'000);  // sent before what the server still had
  CHECK(progress.resume_from() == kNow);
  CHECK(progress.take("old", kNow + 10));
  CHECK_FALSE(progress.take("live", kNow + 500'000));
}

TEST_CASE("a settled stream is resumed a margin behind the newest time", "[atclient][progress]") {
  Progress progress(kNow, false);
  progress.take("a", kNow + 1);
  progress.take("b", kNow + 200'000);
  progress.settle();
  CHECK(progress.resume_from() == kNow + 200'000 - kMargin);
  CHECK(progress.size() == 1);  // "a" cannot come again
  CHECK_FALSE(progress.take("b", kNow + 200'000));
}

TEST_CASE("nothing that may be sent again is forgotten", "[atclient][progress]") {
  Progress progress(kNow, false);
  for (int i = 0; i < 1'000; ++i) {
    const auto time = kNow + i * 250;
    REQUIRE(progress.take("n" + std::to_string(i), time));
    if (i % 40 == 0) progress.settle();
    for (int j = 0; j <= i; ++j) {
      const auto earlier = kNow + j * 250;
      if (earlier > progress.resume_from()) {
        REQUIRE_FALSE(progress.take("n" + std::to_string(j), earlier));
      }
    }
  }
}

TEST_CASE("the memory of ids is bounded, and the margin shrinks instead",
          "[atclient][progress][hostile]") {
  Progress progress(kNow, false);
  for (std::size_t i = 1; i <= kMost + 100; ++i) {
    progress.take("n" + std::to_string(i), kNow + static_cast<std::int64_t>(i));
  }
  CHECK(progress.size() <= kMost);
  CHECK(progress.resume_from() == kNow + 100);
  CHECK_FALSE(progress.take("n101", kNow + 101));
}

TEST_CASE("the server's word counts more than a guess by our clock", "[atclient][progress]") {
  SECTION("our clock is ahead") {
    Progress progress(kNow + 3'600'000, true);
    progress.tick(kNow);
    CHECK(progress.resume_from() < kNow);
  }
  SECTION("our clock is behind") {
    Progress progress(kNow - 3'600'000, true);
    progress.take("a", kNow);
    CHECK(progress.resume_from() == kNow - 3'600'000);
    progress.settle();
    CHECK(progress.resume_from() == kNow - kMargin);
  }
}

TEST_CASE("a server whose clock was set back is believed", "[atclient][progress]") {
  Progress progress(kNow, false);
  progress.take("a", kNow + 1);
  progress.settle();
  progress.tick(kNow - 7'200'000);
  CHECK(progress.resume_from() < kNow - 7'200'000);
  CHECK(progress.newest() == kNow - 7'200'000);
  CHECK_FALSE(progress.take("a", kNow + 1));
}
