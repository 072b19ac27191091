// SPDX-License-Identifier: BSD-3-Clause
// How a client arranges the authentication of both sides at the relay.
#include <algorithm>

#include "noports/crypto/base64.hpp"
#include "noports/net/stream.hpp"
#include "noports/proto/auth_modes.hpp"
#include "noports/proto/escr.hpp"
#include "unit/client/opening.hpp"

using namespace noports;
using namespace std::chrono_literals;
using proto::RelayAuthMode;

namespace {

const keys::Keys& keys_of_ann() {
  static const auto keys = *keys::make_keys();
  return keys;
}

// A client with an enrolment; relay and device of today.
struct Modern : test::Opening {
  Modern() {
    me.enrolment = *signing::own_key(mail.self(), keys_of_ann());
    ping.features.escr = true;
    lease.auto_detects_auth = true;
  }
  const std::string* published() const {
    const auto found = mail.public_values.find("_apsk.primary.a.__e");
    return found == mail.public_values.end() ? nullptr : &found->second;
  }
  std::optional<proto::AuthModes> hint() const {
    for (const auto& letter : mail.letters) {
      if (letter.key.str() == "lab.auth_modes.sshrvd") {
        return *proto::decode_auth_modes(letter.value);
      }
    }
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE("with a relay that detects, both sides answer challenges", "[client][escr]") {
  Modern world;
  auto leg = world.open();
  REQUIRE(leg);
  REQUIRE(world.published());
  CHECK(*world.published() == keys_of_ann().pkam.public_key().text());
  // Declared to the relay is what every relay and device can do.
  CHECK(world.asked_relay->auth_mode == RelayAuthMode::payload);
  REQUIRE(world.asked_relay->auth_aes_key);
  CHECK(crypto::base64_decode(*world.asked_relay->auth_aes_key)->size() == 32);
  CHECK(world.asked_relay->prefetch == std::vector<std::string>{"public:_apsk.primary.a.__e@ann"});
  CHECK(world.asked->auth_mode == RelayAuthMode::escr);
  CHECK(world.asked->auth_aes_key == world.asked_relay->auth_aes_key);
  const auto hint = world.hint();
  REQUIRE(hint);
  CHECK(*hint == proto::AuthModes{world.asked->session, "relay-nonce", RelayAuthMode::escr,
                                  RelayAuthMode::escr});
  CHECK(leg->first_flight == 0);
}

TEST_CASE("the leg's sockets answer the relay's challenge", "[client][escr]") {
  Modern world;
  auto leg = world.open();
  REQUIRE(leg);
  auto acceptor = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
  const auto port = acceptor.local_endpoint().port();
  auto socket = *world.run(net::dial("127.0.0.1", port, net::in(5s)));
  net::Stream relay(*world.run(net::accept(acceptor)), proto::kEscrLineLimit);
  const auto challenge = proto::make_escr_challenge();
  std::string line;
  const auto play = [&]() -> asio::awaitable<Result<bool>> {
    auto said = co_await relay.write_all(challenge + "\n");
    if (!said) co_return fail(std::move(said).error());
    auto heard = co_await net::before(net::in(20s), relay.read_line());
    if (!heard) co_return fail(std::move(heard).error());
    line = *heard;
    auto judged = co_await relay.write_all("ok\n");
    if (!judged) co_return fail(std::move(judged).error());
    co_return true;
  };
  auto [passed, played] =
      test::run(world.loop, net::both(leg->authenticate(socket, net::in(20s)), play()));
  REQUIRE(passed);
  REQUIRE(played);
  const auto aes_key = *crypto::base64_decode(*world.asked_relay->auth_aes_key);
  const auto proof = proto::open_escr_line(line, world.asked->session, challenge,
                                           std::as_bytes(std::span(aes_key)));
  REQUIRE(proof);
  CHECK(proof->side == proto::RelaySide::client);
  const auto offered = *proto::decode_signing_keys(*world.published());
  CHECK(proto::check_escr_proof(*proof, world.mail.self(), offered));
}

TEST_CASE("a device without ESCR shows its line beside a client that answers", "[client][escr]") {
  Modern world;
  world.ping.features.escr = false;
  const auto leg = world.open();
  REQUIRE(leg);
  CHECK(world.asked->auth_mode == RelayAuthMode::payload);
  CHECK_FALSE(world.asked->auth_aes_key);
  CHECK(world.hint()->client == RelayAuthMode::escr);
  CHECK(world.hint()->device == RelayAuthMode::payload);
  CHECK(leg->first_flight == 0);
}

TEST_CASE("a relay that does not detect gets lines, and no hint", "[client][escr]") {
  Modern world;
  world.lease.auto_detects_auth = false;
  const auto leg = world.open();
  REQUIRE(leg);
  CHECK(world.asked->auth_mode == RelayAuthMode::payload);
  CHECK_FALSE(world.hint());
  CHECK(leg->first_flight > 0);
}

TEST_CASE("ESCR that is insisted on is declared, and needs the device", "[client][escr]") {
  Modern world;
  world.lease.auto_detects_auth = false;
  world.wanted.relay_auth.is_explicit = true;
  SECTION("it has it") {
    REQUIRE(world.open());
    CHECK(world.asked_relay->auth_mode == RelayAuthMode::escr);
    CHECK(world.asked->auth_mode == RelayAuthMode::escr);
  }
  SECTION("it has it not") {
    world.ping.features.escr = false;
    const auto leg = world.open();
    REQUIRE_FALSE(leg);
    CHECK(leg.error().code() == Errc::refused);
    CHECK(leg.error().hop() == Hop::device);
    CHECK_FALSE(world.asked);
  }
}

TEST_CASE("payload that is asked for needs no key of the enrolment", "[client][escr]") {
  Modern world;
  world.wanted.relay_auth.preferred = RelayAuthMode::payload;
  REQUIRE(world.open());
  CHECK_FALSE(world.published());
  CHECK_FALSE(world.asked_relay->auth_aes_key);
  CHECK(world.asked_relay->prefetch.empty());
  CHECK_FALSE(world.hint());
  CHECK(world.asked->auth_mode == RelayAuthMode::payload);
}

TEST_CASE("a key that cannot be published leaves payload mode, or ends what insists",
          "[client][escr]") {
  Modern world;
  world.me.enrolment.reset();
  SECTION("by default") {
    REQUIRE(world.open());
    CHECK(world.hint()->client == RelayAuthMode::payload);
    CHECK(world.hint()->device == RelayAuthMode::escr);
  }
  SECTION("insisted on") {
    world.wanted.relay_auth.is_explicit = true;
    CHECK_FALSE(world.open());
    CHECK_FALSE(world.asked);
  }
}

TEST_CASE("a relay that was asked for its one port has to give it", "[client][escr][hostile]") {
  Modern world;
  world.wanted.relay_auth.only_443 = true;
  SECTION("an old one does not know the question") {
    const auto leg = world.open();
    REQUIRE_FALSE(leg);
    CHECK(leg.error().code() == Errc::bad_syntax);
    CHECK(leg.error().hop() == Hop::relay);
    CHECK_FALSE(world.asked);
  }
  SECTION("one that serves it") {
    world.lease.client_port = world.lease.device_port = 443;
    REQUIRE(world.open());
    CHECK(world.asked_relay->only_443);
    CHECK(world.asked_relay->auth_mode == RelayAuthMode::escr);
    CHECK(world.asked->relay_port == 443);
    CHECK(world.asked->auth_mode == RelayAuthMode::escr);
  }
}
