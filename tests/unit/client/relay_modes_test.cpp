// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/relay_modes.hpp"

#include <catch2/catch.hpp>

using namespace noports;
using client::Abilities;
using client::AuthWish;
using client::ModePair;
using proto::RelayAuthMode;

namespace {

constexpr auto P = RelayAuthMode::payload;
constexpr auto E = RelayAuthMode::escr;

const AuthWish kDefault{};
const AuthWish kPayload{P, true, false};
const AuthWish kEscr{E, true, false};
const AuthWish kOnly443{P, true, true};

}  // namespace

// noports-newer.md 9.2, row by row
TEST_CASE("each side's mode is the reference's", "[client][escr]") {
  struct Row {
    AuthWish wish;
    bool relay_detects, device_can;
    ModePair modes;
  };
  const auto row = GENERATE(values<Row>({
      {kOnly443, false, true, {E, E}},
      {kOnly443, true, true, {E, E}},
      {kPayload, true, true, {P, P}},
      {kPayload, false, true, {P, P}},
      {kDefault, true, true, {E, E}},
      {kDefault, true, false, {E, P}},
      {kEscr, true, true, {E, E}},
      {kEscr, true, false, {E, P}},
      {kDefault, false, true, {P, P}},
      {kDefault, false, false, {P, P}},
      {kEscr, false, true, {E, E}},
  }));
  const auto modes =
      client::choose_modes(row.wish, Abilities{row.relay_detects, true, row.device_can, true});
  REQUIRE(modes);
  CHECK(*modes == row.modes);
}

TEST_CASE("without a way to do ESCR the device ends what insists on it", "[client][escr]") {
  for (const auto& wish : {kOnly443, kEscr}) {
    const auto modes = client::choose_modes(wish, Abilities{false, true, false, true});
    REQUIRE_FALSE(modes);
    CHECK(modes.error().code() == Errc::refused);
    CHECK(modes.error().hop() == Hop::device);
    // Not when the device is not to authenticate at all.
    CHECK(client::choose_modes(wish, Abilities{false, true, false, false}));
  }
  CHECK_FALSE(client::choose_modes(kOnly443, Abilities{true, true, false, true}));
}

TEST_CASE("a client without a published key uses payload mode where it may", "[client][escr]") {
  const auto modes = client::choose_modes(kDefault, Abilities{true, false, true, true});
  REQUIRE(modes);
  CHECK(*modes == ModePair{P, E});
}

TEST_CASE("payload is declared unless ESCR is insisted on", "[client][escr]") {
  CHECK(client::declared_mode(kDefault) == P);
  CHECK(client::declared_mode(kPayload) == P);
  CHECK(client::declared_mode(kEscr) == E);
  CHECK(client::declared_mode(kOnly443) == E);
  CHECK(client::may_use_escr(kDefault));
  CHECK_FALSE(client::may_use_escr(kPayload));
  CHECK(client::must_use_escr(kEscr));
  CHECK_FALSE(client::must_use_escr(kDefault));
}
