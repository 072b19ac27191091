// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/open_tunnel.hpp"

#include <algorithm>

#include "noports/net/stream.hpp"
#include "noports/net/tcp.hpp"
#include "noports/proto/relay_auth.hpp"
#include "unit/client/opening.hpp"

using namespace noports;
using namespace std::chrono_literals;
using Kind = bridge::Protection::Kind;

TEST_CASE("a tunnel is opened with a key for each direction where the device offers it",
          "[client]") {
  test::Opening world;
  const auto leg = world.open();
  REQUIRE(leg);
  CHECK(leg->relay_host == "relay.example");
  CHECK(leg->relay_port == 40001);
  CHECK(leg->protection.kind == Kind::ctr_twin);
  CHECK(leg->protection.client_to_device.key.size() == 32);
  CHECK(leg->protection.device_to_client.iv.size() == 16);
  REQUIRE(world.asked);
  CHECK(world.asked->relay_port == 40002);
  CHECK(world.asked->target_host == "localhost");
  CHECK(world.asked->target_port == 5432);
  CHECK(world.asked->timeout == 30s);
  CHECK(world.asked->twin_keys);
  CHECK(world.asked->relay_nonce == "relay-nonce");
  CHECK(world.asked->client_nonce == world.asked_relay->client_nonce);
  CHECK(world.asked->session == world.asked_relay->session);
  CHECK_FALSE(world.asked->relay_atsign);
  CHECK(world.said.back() == "Received response from the device daemon");
}

TEST_CASE("a device that offers no twin keys is not asked for them", "[client]") {
  test::Opening world;
  world.ping.features.twin_keys = false;
  const auto leg = world.open();
  REQUIRE(leg);
  CHECK_FALSE(world.asked->twin_keys);
  CHECK(leg->protection.kind == Kind::ctr);
  CHECK(leg->protection.device_to_client.key.empty());
}

TEST_CASE("a single key is accepted from a device that was asked for two", "[client]") {
  test::Opening world;
  world.is_old = true;
  const auto leg = world.open();
  REQUIRE(leg);
  CHECK(leg->protection.kind == Kind::ctr);
}

TEST_CASE("a device cannot talk a client out of encryption", "[client][hostile]") {
  test::Opening world;
  world.is_plain = true;
  const auto leg = world.open();
  REQUIRE_FALSE(leg);
  CHECK(leg.error().hop() == Hop::device);
}

TEST_CASE("without encryption no key is expected", "[client]") {
  test::Opening world;
  world.wanted.encrypt = false;
  const auto leg = world.open();
  REQUIRE(leg);
  CHECK(leg->protection.kind == Kind::none);
  CHECK_FALSE(world.asked->twin_keys);
}

TEST_CASE("a feature that is missing ends the attempt before the device is asked", "[client]") {
  test::Opening world;
  SECTION("port choice") {
    world.ping.features.port_choice = false;
    const auto leg = world.open();
    REQUIRE_FALSE(leg);
    CHECK(leg.error().what() ==
          "This device daemon does not support requests for specific device ports");
    CHECK(leg.error().hop() == Hop::device);
  }
  SECTION("timeout, only when it is not the usual one") {
    world.ping.features.adjustable_timeout = false;
    REQUIRE(world.open());
    world.asked.reset();
    world.wanted.timeout = 24h;
    REQUIRE_FALSE(world.open());
  }
  SECTION("public keys, only when one is sent") {
    world.ping.features.accepts_public_keys = false;
    world.wanted.kind = proto::RequestKind::ssh;
    REQUIRE(world.open());
    world.asked.reset();
    world.wanted.ssh_key =
        proto::SshPublicKey::parse(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f")
            .value();
    REQUIRE_FALSE(world.open());
    CHECK(world.mail.count("sshpublickey.lab.sshnp") == 0);
  }
  CHECK_FALSE(world.asked);
}

TEST_CASE("nothing is asked of a daemon of which nothing is wanted but ssh", "[client]") {
  test::Opening world;
  world.wanted.kind = proto::RequestKind::ssh;
  world.wanted.authenticate_device = world.wanted.encrypt = false;
  REQUIRE(world.open());
  CHECK(world.mail.count("ping.lab.sshnp") == 0);
}

TEST_CASE("the ssh key is sent before the session is asked for", "[client]") {
  test::Opening world;
  world.wanted.kind = proto::RequestKind::ssh;
  world.wanted.ssh_key =
      proto::SshPublicKey::parse(
          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f")
          .value();
  REQUIRE(world.open());
  REQUIRE(world.mail.letters.size() == 4);
  CHECK(world.mail.letters[2].key.str() == "sshpublickey.lab.sshnp");
  CHECK(world.mail.letters[3].key.str() == "ssh_request.lab.sshnp");
}

TEST_CASE("the device hears of the relay when the relay logs events", "[client]") {
  test::Opening world;
  world.lease.supports_event_logging = true;
  REQUIRE(world.open());
  CHECK(world.asked->relay_atsign == "@relay");
}

// cli-and-packaging.md 2.3, lines 1 and 5 to 12.
TEST_CASE("progress is told in the words and the order that users know", "[client]") {
  test::Opening world;
  REQUIRE(world.open());
  const std::vector<std::string> known = {"Sending daemon feature check request",
                                          "Fetching host and port from srvd",
                                          "Received host and port from srvd",
                                          "Waiting for daemon feature check response",
                                          "Received daemon feature check response",
                                          "Required daemon features are supported",
                                          "Sending session request to the device daemon",
                                          "Waiting for response from the device daemon",
                                          "Received response from the device daemon"};
  CHECK(world.said == known);
}

TEST_CASE("each phase of the set-up is reported with its time", "[client]") {
  test::Opening world;
  REQUIRE(world.open());
  std::string all;
  for (const auto& line : world.phases.lines()) all += line + "\n";
  for (const auto* name :
       {"device ping", "relay answer", "key pair wait", "session answer", "total"}) {
    CHECK(all.find("phase " + std::string(name) + " ") != std::string::npos);
  }
}

TEST_CASE("the leg's sockets say the line that the relay expects", "[client]") {
  test::Opening world;
  auto leg = world.open();
  REQUIRE(leg);
  auto acceptor = net::listen(world.loop.get_executor(), "127.0.0.1", 0);
  REQUIRE(acceptor);
  const auto port = acceptor->local_endpoint().port();
  auto socket = world.run(net::dial("127.0.0.1", port, net::in(5s)));
  REQUIRE(socket);
  auto other_end = world.run(net::accept(*acceptor));
  REQUIRE(other_end);
  REQUIRE(world.run(leg->authenticate(*socket, net::in(5s))));
  net::Stream stream(*std::move(other_end), proto::kRelayLineLimit);
  const auto line = world.run(stream.read_line());
  REQUIRE(line);
  const proto::RelayCredentials expected{world.asked->session, *world.asked->client_nonce,
                                         "relay-nonce"};
  CHECK(proto::check_relay_auth_line(*line, expected, test::key_of("@ann").public_key()));
}

TEST_CASE("the key pair is made once and its failure is told", "[client]") {
  asio::io_context loop;
  int made = 0;
  client::EphemeralKey key(loop.get_executor(), [&made]() -> Result<crypto::PrivateKey> {
    ++made;
    return fail(Errc::io, "no randomness");
  });
  CHECK_FALSE(test::run(loop, key.get()));
  CHECK_FALSE(test::run(loop, key.get()));
  test::run(loop, key.close());
  CHECK(made == 1);
}
