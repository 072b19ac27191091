// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/ask_relay.hpp"

#include "world.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct Asking : test::World {
  at::Atsign relay = test::atsign("@relay");
  proto::LeaseRequest request{proto::SessionId::fresh(), test::atsign("@ann"),
                              test::atsign("@dev")};
  std::string yes = proto::relay_answer_key(request.session.str()).str();
  std::string no = proto::relay_nack_key(request.session.str()).str();

  Result<proto::Lease> ask(std::chrono::milliseconds patience = 5s) {
    return run(client::ask_relay(mail, relay, device.name, request, net::in(patience)));
  }
};

}  // namespace

TEST_CASE("ask_relay asks the relay and reads either form of the answer", "[client]") {
  const bool is_json = GENERATE(true, false);
  Asking world;
  world.mail.answers(
      "@relay", world.yes,
      is_json ? proto::encode_json(test::lease()) : proto::encode_csv(test::lease()));
  const auto lease = world.ask();
  REQUIRE(lease);
  CHECK(*lease == test::lease());
  REQUIRE(world.mail.letters.size() == 1);
  CHECK(world.mail.letters[0].to.str() == "@relay");
  CHECK(world.mail.letters[0].key.str() == "lab.request_ports.sshrvd");
  CHECK(proto::decode_lease_request(world.mail.letters[0].value).value() == world.request);
}

TEST_CASE("ask_relay does not believe a stranger", "[client][hostile]") {
  Asking world;
  world.mail.answers("@mallory", world.yes, "evil.example,1,2,x");
  world.mail.answers("@mallory", world.no, "go away");
  world.mail.answers("@relay", world.yes, proto::encode_csv(test::lease()));
  const auto lease = world.ask();
  REQUIRE(lease);
  CHECK(lease->host == "relay.example");
}

TEST_CASE("ask_relay reads no answer to another session", "[client][hostile]") {
  Asking world;
  const auto other = proto::relay_answer_key(proto::SessionId::fresh().str()).str();
  world.mail.answers("@relay", other, proto::encode_csv(test::lease()));
  const auto lease = world.ask(20ms);
  REQUIRE_FALSE(lease);
  CHECK(lease.error().code() == Errc::timed_out);
}

TEST_CASE("ask_relay says what it was doing when time ran out", "[client]") {
  Asking world;
  const auto lease = world.ask(20ms);
  REQUIRE_FALSE(lease);
  CHECK(lease.error().code() == Errc::timed_out);
  CHECK(lease.error().hop() == Hop::relay);
  CHECK(lease.error().what() == "asking @relay for a meeting point: no answer in time");
  CHECK(lease.error().hint().find("srvd") != std::string::npos);
}

TEST_CASE("ask_relay passes the relay's refusal on", "[client]") {
  Asking world;
  world.mail.answers("@relay", world.no, "not bound to port 443\x1b[2J");
  const auto lease = world.ask();
  REQUIRE_FALSE(lease);
  CHECK(lease.error().code() == Errc::refused);
  CHECK(lease.error().hop() == Hop::relay);
  CHECK(lease.error().what() ==
        "asking @relay for a meeting point: @relay says: not bound to port 443\\x1b[2J");
}

TEST_CASE("ask_relay prefers the yes of another instance to a refusal", "[client]") {
  Asking world;
  world.mail.answers("@relay", world.no, "not me");
  world.mail.answers("@relay", world.yes, proto::encode_json(test::lease()));
  CHECK(world.ask());
}

TEST_CASE("ask_relay blames the relay for an answer that cannot be read", "[client][hostile]") {
  Asking world;
  world.mail.answers("@relay", world.yes, "relay.example,0,40002,n");
  const auto lease = world.ask();
  REQUIRE_FALSE(lease);
  CHECK(lease.error().code() == Errc::bad_syntax);
  CHECK(lease.error().hop() == Hop::relay);
}

TEST_CASE("ask_relay keeps the hop of what our own atServer says", "[client]") {
  Asking world;
  world.mail.notify_fails = Error(Errc::disconnected, Hop::atserver, "connection lost");
  const auto lease = world.ask();
  REQUIRE_FALSE(lease);
  CHECK(lease.error().hop() == Hop::atserver);
}
