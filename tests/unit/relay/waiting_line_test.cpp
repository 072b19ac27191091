// SPDX-License-Identifier: BSD-3-Clause
#include "noports/relay/waiting_line.hpp"

#include <catch2/catch.hpp>

using noports::relay::WaitingLine;

TEST_CASE("sockets leave in the order in which they came", "[relay][line]") {
  WaitingLine line;
  const auto first = line.enter("10.0.0.1");
  const auto second = line.enter("10.0.0.1");
  line.pass(second);  // faster, but not before its elder
  CHECK_FALSE(line.take());
  line.pass(first);
  CHECK(line.take() == first);
  CHECK(line.take() == second);
  CHECK_FALSE(line.take());
}

TEST_CASE("who fails holds up nobody any more", "[relay][line]") {
  WaitingLine line;
  const auto first = line.enter("10.0.0.1");
  const auto second = line.enter("10.0.0.1");
  line.pass(second);
  line.leave(first);
  CHECK(line.take() == second);
}

TEST_CASE("a silent stranger holds up nobody", "[relay][line][hostile]") {
  WaitingLine line;
  line.enter("192.0.2.66");
  const auto honest = line.enter("10.0.0.1");
  CHECK_FALSE(line.is_ready());
  line.pass(honest);
  CHECK(line.is_ready());
  CHECK(line.take() == honest);
  CHECK(line.unauthenticated() == 1);
  CHECK(line.unauthenticated_from("192.0.2.66") == 1);
  CHECK(line.unauthenticated_from("10.0.0.1") == 0);
}
