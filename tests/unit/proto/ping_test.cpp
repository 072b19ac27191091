// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/ping.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace noports;
using proto::Features;
using proto::PingAnswer;

namespace {

PingAnswer full_answer() {
  PingAnswer answer;
  answer.device_name = "lab";
  answer.version = "0.1.0";
  answer.core_version = "0.1.0+abc";
  answer.features = Features{true, true, false, true, true, true, false, true};
  answer.auth_modes = {"payload"};
  answer.allowed_services = {"localhost:22", "*:80"};
  answer.np_cp_version = "1.5.0";
  return answer;
}

}  // namespace

// Body of noports-newer.md 3.2 in the order of noports-wire.md 5.1 and 16.2.
TEST_CASE("a ping answer has the members of the reference in its order", "[proto][vectors]") {
  CHECK(proto::encode(full_answer()) ==
        "{\"devicename\":\"lab\",\"deviceGroupName\":\"__none__\",\"version\":\"0.1.0\","
        "\"corePackageVersion\":\"0.1.0+abc\",\"supportedFeatures\":{\"srAuth\":true,"
        "\"srE2ee\":true,\"acceptsPublicKeys\":false,\"supportsPortChoice\":true,"
        "\"adjustableTimeout\":true,\"controlChannelHeartbeats\":true,\"supportsRamEscr\":false,"
        "\"twinKeys\":true},\"authModes\":[\"payload\"],\"allowedServices\":[\"localhost:22\","
        "\"*:80\"],\"npCpVersion\":\"1.5.0\"}");
}

TEST_CASE("a ping answer survives the wire unchanged", "[proto]") {
  auto answer = full_answer();
  answer.device_group = "";
  answer.public_signing_key_uri = "public:_apsk.primary.a.__e@daemon";
  const auto decoded = proto::decode_ping(proto::encode(answer));
  REQUIRE(decoded);
  CHECK(*decoded == answer);
}

// noports-wire.md 5.1: the C daemon has no group and no adjustableTimeout, and prints '*' as 0.
TEST_CASE("the answer of a C daemon is understood", "[proto][vectors]") {
  const auto answer = proto::decode_ping(
      "{\"devicename\":\"Lab\",\"version\":\"0.2.0\",\"corePackageVersion\":\"c0.1.0\","
      "\"supportedFeatures\":{\"srAuth\":true,\"srE2ee\":true,\"acceptsPublicKeys\":true,"
      "\"supportsPortChoice\":true},\"allowedServices\":[\"localhost:0\"]}");
  REQUIRE(answer);
  CHECK(answer->device_group == "__none__");
  CHECK(answer->features.port_choice);
  CHECK_FALSE(answer->features.adjustable_timeout);
  CHECK_FALSE(answer->features.twin_keys);
  CHECK(answer->allowed_services == std::vector<std::string>{"localhost:0"});
}

TEST_CASE("a daemon that lists no features accepts public keys and no more", "[proto]") {
  const auto answer = proto::decode_ping("{\"devicename\":\"lab\",\"version\":\"4.0.5\"}");
  REQUIRE(answer);
  Features v4;
  v4.accepts_public_keys = true;
  CHECK(answer->features == v4);
}

TEST_CASE("a feature counts only when it is true", "[proto][hostile]") {
  const auto value = GENERATE(as<std::string>{}, "false", "null", "1", "\"true\"", "[true]", "{}");
  CAPTURE(value);
  const auto answer = proto::decode_ping(
      "{\"devicename\":\"lab\",\"supportedFeatures\":{"
      "\"twinKeys\":" +
      value + ",\"newThing\":true}}");
  REQUIRE(answer);
  CHECK(answer->features == Features{});
}

TEST_CASE("a malformed ping answer is refused", "[proto][hostile]") {
  const auto text = GENERATE(
      as<std::string>{}, "", "pong", "[]", "{}", "{\"devicename\":7}", "{\"devicename\":null}",
      "{\"devicename\":\"a\\u001b[31m\"}", "{\"devicename\":\"a\",\"devicename\":\"b\"}",
      "{\"devicename\":\"a\",\"version\":5}", "{\"devicename\":\"a\",\"allowedServices\":\"x\"}",
      "{\"devicename\":\"a\",\"authModes\":[1]}", "{\"devicename\":\"a\",\"npCpVersion\":{}}");
  CAPTURE(text);
  const auto answer = proto::decode_ping(text);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::bad_syntax);
}

TEST_CASE("the first missing feature has its sentence", "[proto]") {
  Features wanted, offered;
  CHECK(proto::first_missing(wanted, offered).empty());
  wanted.port_choice = wanted.escr = true;
  CHECK(proto::first_missing(wanted, offered) == "support requests for specific device ports");
  offered.port_choice = true;
  CHECK(proto::first_missing(wanted, offered) == "support the 'ESCR' relay auth mode");
  offered.escr = offered.twin_keys = true;
  CHECK(proto::first_missing(wanted, offered).empty());
}
