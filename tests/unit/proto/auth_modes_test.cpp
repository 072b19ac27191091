// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/auth_modes.hpp"

#include "fixtures.hpp"
#include "noports/proto/device.hpp"

using namespace noports;
using proto::RelayAuthMode;

namespace {

const std::string kHint =
    "{\"sessionId\":\"0f8fad5b-d9cb-469f-a165-70867728950e\","
    "\"rvdNonce\":\"2026-09-24T12:34:57.123456\",\"sideA\":\"escr\",\"sideB\":\"payload\"}";

}  // namespace

// noports-newer.md 9.3
TEST_CASE("the hint to the relay has the members of the reference in its order",
          "[proto][vectors]") {
  const proto::AuthModes modes{test::session_s(), "2026-09-24T12:34:57.123456", RelayAuthMode::escr,
                               RelayAuthMode::payload};
  CHECK(proto::encode(modes) == kHint);
  const auto decoded = proto::decode_auth_modes(kHint);
  REQUIRE(decoded);
  CHECK(*decoded == modes);
  const auto lab = *proto::DeviceName::parse("lab");
  CHECK(proto::relay_hint_key(lab).str() == "lab.auth_modes.sshrvd");
  CHECK(proto::is_relay_hint("lab.auth_modes.sshrvd"));
  CHECK_FALSE(proto::is_relay_request("lab.auth_modes.sshrvd"));
}

TEST_CASE("a hint that is malformed is no hint", "[proto][hostile]") {
  const auto [from, to] = GENERATE(table<std::string, std::string>({
      {"\"escr\"", "\"ESCR\""},
      {"\"escr\"", "true"},
      {",\"sideB\":\"payload\"", ""},
      {"\"sideB\":\"payload\"", "\"sideB\":null"},
      {"0f8fad5b", "../../.."},
      {"2026-09-24T12:34:57.123456", "a\\nb"},
      {"\"sideB\"", "\"sideA\""},
  }));
  CAPTURE(from, to);
  auto text = kHint;
  text.replace(text.find(from), from.size(), to);
  const auto decoded = proto::decode_auth_modes(text);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code() == Errc::bad_syntax);
  CHECK_FALSE(proto::is_relay_hint("a.lab.auth_modes.sshrvd"));
  CHECK_FALSE(proto::is_relay_hint(".auth_modes.sshrvd"));
}
