// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atserver/guesses.hpp"

#include "enrolling.hpp"

using namespace noports;
using namespace noports::test;
using atserver::Guesses;
using namespace std::chrono_literals;

// atprotocol-wire.md 5.5
TEST_CASE("each wrong passcode of a network waits longer, up to 55 s", "[atserver][guesses]") {
  Guesses guesses(Guesses::Of::passcodes);
  for (const auto wait : {1s, 2s, 3s, 5s, 8s, 13s, 21s, 34s, 55s, 55s}) {
    CHECK(guesses.wrong(1, "a", 1000) == wait);
  }
  CHECK(guesses.wrong(1, "b", 1000) == 1s);
  CHECK(guesses.wrong(2, "a", 1000) == 1s);
}

TEST_CASE("a right passcode forgives after 55 s, an hour without any forgives all",
          "[atserver][guesses]") {
  Guesses guesses(Guesses::Of::passcodes);
  guesses.wrong(1, "a", 0);
  guesses.right(1, "a", 54'999);
  CHECK(guesses.wrong(1, "a", 55'000) == 2s);
  guesses.right(1, "a", 110'000);
  CHECK(guesses.wrong(1, "a", 110'000) == 1s);
  CHECK(guesses.wrong(1, "a", 110'000) == 2s);
  CHECK(guesses.wrong(1, "a", 110'000 + 3'600'000) == 1s);
}

TEST_CASE("failed proofs wait after ten, and never as long as clients wait",
          "[atserver][guesses]") {
  Guesses guesses(Guesses::Of::proofs);
  for (int i = 0; i < 10; ++i) CHECK(guesses.wrong(1, "a", 0) == 0s);
  for (int i = 0; i < 10; ++i) CHECK(guesses.wrong(1, "a", 0) == 2s);
}

TEST_CASE("guesses from everywhere are bounded for one atSign, and so is what is remembered",
          "[atserver][guesses][hostile]") {
  Guesses guesses(Guesses::Of::passcodes);
  for (std::size_t i = 0; i < Guesses::kMostPerHour; ++i) {
    CHECK_FALSE(guesses.are_too_many(1, 0));
    guesses.wrong(1, std::to_string(i), 0);
  }
  CHECK(guesses.are_too_many(1, 3'599'999));
  CHECK_FALSE(guesses.are_too_many(2, 0));
  CHECK_FALSE(guesses.are_too_many(1, 3'600'000));
  for (std::size_t i = 0; i < Guesses::kMostNetworks; ++i) guesses.wrong(3, std::to_string(i), 0);
  CHECK(guesses.wrong(3, "new one", 0) > 1s);
  CHECK(guesses.wrong(3, "new one", 3'600'000) == 1s);
}

TEST_CASE("a new connection does not make guessing faster",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  world.say(owner, "otp:put:A1B2C3");
  for (const auto wait : {1s, 2s, 3s}) {
    auto stranger = world.session("@alice");
    CHECK(world.take(stranger, request_line("WRONG1")).wait == wait);
  }
  auto stranger = world.session("@alice");
  const auto good = world.take(stranger, request_line("A1B2C3"));
  CHECK(good.wait == 0s);
  CHECK(good.answer.starts_with("data:"));
}

TEST_CASE("after a thousand wrong passcodes in an hour none is looked at",
          "[atserver][session][enrolment][hostile]") {
  World world;
  auto owner = world.owner("@alice");
  world.say(owner, "otp:put:A1B2C3");
  for (std::size_t i = 0; i < Guesses::kMostPerHour; ++i) {
    world.store->passcode_guesses.wrong(world.account("@alice").id, "", world.now);
  }
  auto stranger = world.session("@alice");
  CHECK(world.say(stranger, request_line("A1B2C3")) ==
        "error:AT0011-Exception: Enrollment requests have exceeded the limit within the specified "
        "time frame\n@");
}

TEST_CASE("failed proofs on many connections wait", "[atserver][session][hostile]") {
  World world;
  for (int i = 0; i < 10; ++i) {
    auto stranger = world.session("@alice");
    world.say(stranger, "from:@alice");
    CHECK(world.take(stranger, "cram:" + std::string(128, 'a')).wait == 0s);
  }
  auto stranger = world.session("@alice");
  world.say(stranger, "from:@alice");
  CHECK(world.take(stranger, "cram:" + std::string(128, 'a')).wait == 2s);
}
