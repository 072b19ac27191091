// SPDX-License-Identifier: BSD-3-Clause
#include "noports/proto/device.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "noports/proto/session_id.hpp"

using namespace noports;
using proto::DeviceName;
using proto::SessionId;

namespace {

DeviceName device(const char* name) { return *DeviceName::parse(name); }

}  // namespace

// cli-and-packaging.md 1.2, "Device name"; one character and "sshnp" as its Build line says.
TEST_CASE("device names are lower-cased and blanks become one underscore", "[proto][vectors]") {
  const auto [typed, name] = GENERATE(table<std::string, std::string>({
      {"My Device", "my_device"},
      {"a b  c", "a_b_c"},
      {"550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"},
      {std::string(36, 'x'), std::string(36, 'x')},
      {"_x", "_x"},
      {"9a", "9a"},
      {"a-b", "a-b"},
      {"a", "a"},
      {"A\t\r\nB", "a_b"},
  }));
  CAPTURE(typed);
  const auto parsed = DeviceName::parse(typed);
  REQUIRE(parsed);
  CHECK(parsed->str() == name);
}

TEST_CASE("what is no device name is refused with one message", "[proto][hostile][vectors]") {
  const auto typed =
      GENERATE(as<std::string>{}, std::string(37, 'x'), "\xc3\xbcnit", "host.example.com", "",
               "a.b", "-x", "a@b", "a:b", "a/b", "a\x01", "sshnp.x");
  CAPTURE(typed);
  const auto parsed = DeviceName::parse(typed);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code() == Errc::bad_syntax);
  CHECK(parsed.error().what() ==
        "Device name must be alphanumeric snake case, max length 36. First char must be _, a-z, or "
        "0-9.");
}

TEST_CASE("a device cannot be called sshnp, in any case", "[proto]") {
  CHECK_FALSE(DeviceName::parse("sshnp"));
  CHECK_FALSE(DeviceName::parse("SSHNP"));
  CHECK(DeviceName::parse("sshnp2"));
}

TEST_CASE("keys have the shapes of the catalogue", "[proto]") {
  // noports-wire.md 4
  const auto session = SessionId::parse("0F8FAD5B-D9CB-469F-A165-70867728950E");
  REQUIRE(session);
  CHECK(proto::device_key("ping", device("lab")).str() == "ping.lab.sshnp");
  CHECK(proto::device_key(session->str(), device("lab")).str() ==
        "0f8fad5b-d9cb-469f-a165-70867728950e.lab.sshnp");
  CHECK(proto::relay_request_key(device("lab")).str() == "lab.request_ports.sshrvd");
  CHECK(proto::relay_answer_key(session->str()).str() ==
        "0f8fad5b-d9cb-469f-a165-70867728950e.sshrvd");
  CHECK(proto::relay_nack_key(session->str()).str() ==
        "nack.0f8fad5b-d9cb-469f-a165-70867728950e.sshrvd");
}

TEST_CASE("the kind of a key is read for exactly this device", "[proto]") {
  CHECK(proto::kind_of("ping.lab.sshnp", device("lab")) == "ping");
  CHECK(proto::kind_of("ssh_request.a-b.sshnp", device("a-b")) == "ssh_request");
  CHECK(proto::kind_of(proto::device_key("npt_request", device("b")).str(), device("b")) ==
        "npt_request");
}

TEST_CASE("a key of another device has no kind", "[proto][hostile]") {
  const auto key =
      GENERATE(as<std::string>{}, "", "b.sshnp", ".b.sshnp", "ping.a_b.sshnp", "ping.x.b.sshnp",
               "ping.ab.sshnp", "ping.b.sshnpx", "ping.b.sshrvd", "ping.b", "ping.bsshnp",
               "pingb.sshnp", "ping.b.x.sshnp", "..b.sshnp", "ping.B.sshnp", "b.b.b.sshnp");
  CAPTURE(key);
  CHECK(proto::kind_of(key, device("b")).empty());
}

TEST_CASE("relay requests are told from other keys to the relay", "[proto][hostile]") {
  CHECK(proto::is_relay_request("lab.request_ports.sshrvd"));
  for (const auto* key : {"", "request_ports.sshrvd", ".request_ports.sshrvd",
                          "a.b.request_ports.sshrvd", "lab.sshrvd", "lab.request_ports.sshrvdx",
                          "lab.auth_modes.sshrvd", "lab.request_ports.sshnp"}) {
    CAPTURE(key);
    CHECK_FALSE(proto::is_relay_request(key));
  }
}

TEST_CASE("a text that cannot be a key name is a bug and no key", "[proto][hostile]") {
  CHECK_THROWS(proto::relay_answer_key("x\ndelete:y"));
  CHECK_THROWS(proto::device_key("a@b", device("lab")));
}

// Q-23, security-findings.md S6: the id becomes part of key names, file names and comments.
TEST_CASE("a session id is a UUID and nothing else", "[proto][hostile]") {
  const auto text =
      GENERATE(as<std::string>{}, "", "s", "../../etc/passwd",
               "0f8fad5b-d9cb-469f-a165-70867728950", "0f8fad5b-d9cb-469f-a165-70867728950e\n",
               "0f8fad5b-d9cb-469f-a165-70867728950e ", "0f8fad5bd9cb469fa16570867728950e",
               "{0f8fad5b-d9cb-469f-a165-70867728950e}", "0f8fad5b-d9cb-469f-a165-7086772895-e",
               "0f8fad5g-d9cb-469f-a165-70867728950e", "\nssh-ed25519 AAAA x\n0123456789abcdefg");
  CAPTURE(text);
  const auto id = SessionId::parse(text);
  REQUIRE_FALSE(id);
  CHECK(id.error().code() == Errc::bad_syntax);
}

TEST_CASE("fresh session ids are UUIDs and differ", "[proto]") {
  const auto one = SessionId::fresh(), two = SessionId::fresh();
  CHECK(one != two);
  const auto again = SessionId::parse(one.str());
  REQUIRE(again);
  CHECK(*again == one);
}
