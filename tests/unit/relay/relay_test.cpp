// SPDX-License-Identifier: BSD-3-Clause
// The relay's conversation with clients, over a mailbox without an atServer.
#include "noports/relay/relay.hpp"

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "noports/crypto/base64.hpp"
#include "noports/proto/device.hpp"
#include "support/fake_mailbox.hpp"
#include "support/loop.hpp"

using namespace noports;

namespace {

proto::LeaseRequest request(bool multiple_acks_ok) {
  proto::LeaseRequest made{proto::SessionId::fresh(), *at::Atsign::parse("@client"),
                           *at::Atsign::parse("@device")};
  made.authenticate_device = false;
  made.auth_mode = proto::RelayAuthMode::escr;  // needs no key of anybody before a socket comes
  made.auth_aes_key = crypto::base64(std::string(32, 'k'));
  made.client_nonce = "nonce";
  made.multiple_acks_ok = multiple_acks_ok;
  made.json_answer = true;
  return made;
}

// @relay, open to all.
struct World {
  World() {
    relay::Options options;
    options.address = "relay.example";
    options.bind_address = "127.0.0.1";
    relay.emplace(loop.get_executor(), mail, pumps, std::move(options));
    tasks.spawn(serve());
  }
  ~World() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }
  asio::awaitable<void> serve() {
    auto ended = co_await relay->run();
    CHECK_FALSE(ended);
  }
  void send(const proto::LeaseRequest& wish) {
    mail.answers("@client", "lab.request_ports.sshrvd", encode(wish));
  }
  // Whether exactly `wish` is answered next.
  bool answers(const proto::LeaseRequest& wish) {
    const auto key = proto::relay_answer_key(wish.session.str());
    return test::eventually(loop, [&] { return mail.count(key.str()) == 1; }) &&
           mail.letters.back().key == key;
  }

  asio::io_context loop;
  test::FakeMailbox mail{loop.get_executor(), "@relay"};
  net::Poller poller{loop.get_executor()};
  bridge::Pumps pumps{poller};
  std::optional<relay::Relay> relay;
  net::TaskGroup tasks{loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); }};
};

}  // namespace

TEST_CASE("a client is told where to meet", "[relay]") {
  World world;
  const auto wish = request(true);
  world.send(wish);
  REQUIRE(world.answers(wish));
  const auto lease = proto::decode_lease(world.mail.letters.back().value);
  REQUIRE(lease);
  CHECK(lease->host == "relay.example");
  CHECK(lease->client_port != lease->device_port);
  CHECK(world.mail.claimed.empty());  // the client takes the first of several answers
}

TEST_CASE("of several relays with one atSign, one answers a client that needs it", "[relay]") {
  World world;
  const auto ours = request(false);
  world.send(ours);
  REQUIRE(world.answers(ours));
  CHECK(world.mail.claimed.contains(ours.session.str() + ".session_mutexes.sshrvd"));

  const auto theirs = request(false);
  world.mail.claimed.insert(theirs.session.str() + ".session_mutexes.sshrvd");
  world.send(theirs);
  const auto next = request(true);
  world.send(next);
  REQUIRE(world.answers(next));
  CHECK(world.mail.letters.size() == 2);
}

TEST_CASE("a relay that cannot agree with the others stays silent", "[relay][hostile]") {
  World world;
  world.mail.store_fails = Error(Errc::timed_out, Hop::atserver, "deadline passed");
  world.send(request(false));
  const auto next = request(true);
  world.send(next);
  REQUIRE(world.answers(next));
  CHECK(world.mail.letters.size() == 1);
}
