// SPDX-License-Identifier: BSD-3-Clause
// The device answers a relay's challenge, once its signing key is published.
#include <asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "noports/crypto/base64.hpp"
#include "noports/daemon/daemon.hpp"
#include "noports/net/stream.hpp"
#include "noports/proto/envelope.hpp"
#include "noports/proto/escr.hpp"
#include "support/fake_mailbox.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

const keys::Keys& keys_of_device() {
  static const auto keys = *keys::make_keys();
  return keys;
}
const crypto::PrivateKey& key_of_boss() {
  static const auto key = *crypto::PrivateKey::generate();
  return key;
}

// A device named lab of @device, which listens to @boss and permits localhost:22.
struct World {
  explicit World(bool may_publish = true) {
    mail.public_keys.emplace("@boss", key_of_boss().public_key());
    if (!may_publish) mail.store_fails = Error(Errc::refused, Hop::atserver, "not authorized");
    daemon::Options options{*proto::DeviceName::parse("lab")};
    options.rules.managers = {*at::Atsign::parse("@boss")};
    options.rules.permit = *proto::PermitList::parse("localhost:22");
    options.authorized_keys = home.path() / "authorized_keys";
    options.enrolment = *signing::own_key(mail.self(), keys_of_device());
    device.emplace(loop.get_executor(), mail, poller, *signer, std::move(options));
    tasks.spawn(serve());
  }
  ~World() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }
  asio::awaitable<void> serve() {
    auto ended = co_await device->run();
    CHECK_FALSE(ended);
  }
  proto::PingAnswer ping() {
    const auto before = mail.count("heartbeat.lab.sshnp");
    REQUIRE(test::eventually(loop,
                             [&] { return mail.deliver("@boss", "ping.lab.sshnp", "ping") == 1; }));
    REQUIRE(test::eventually(loop, [&] { return mail.count("heartbeat.lab.sshnp") > before; }));
    for (const auto& letter : mail.letters) {
      if (letter.key.str() == "heartbeat.lab.sshnp") last = letter.value;
    }
    return *proto::decode_ping(last);
  }
  void ask(const proto::SessionRequest& request) {
    mail.deliver("@boss", "npt_request.lab.sshnp",
                 *proto::seal_envelope(proto::encode(request), key_of_boss()));
  }
  std::string answer_to(const proto::SessionRequest& request) {
    const auto key = request.session.str() + ".lab.sshnp";
    REQUIRE(test::eventually(loop, [&] { return mail.count(key) > 0; }));
    for (const auto& letter : mail.letters) {
      if (letter.key.str() == key) return letter.value;
    }
    return {};
  }

  asio::io_context loop;
  test::TempFolder home;
  test::FakeMailbox mail{loop.get_executor(), "@device"};
  net::Poller poller{loop.get_executor()};
  std::shared_ptr<atclient::Signer> signer = atclient::key_signer(keys_of_device().encryption);
  std::optional<daemon::Daemon> device;
  net::TaskGroup tasks{loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); }};
  std::string last;
};

const std::string kAesKey(32, 'k');

proto::SessionRequest request(std::uint16_t relay_port) {
  static const auto ephemeral = *crypto::PrivateKey::generate();
  proto::SessionRequest made{proto::RequestKind::npt, proto::SessionId::fresh()};
  made.relay_host = "127.0.0.1";
  made.relay_port = relay_port;
  made.target_host = "localhost";
  made.target_port = 22;
  made.encrypt = made.twin_keys = made.authenticate_to_relay = true;
  made.auth_mode = proto::RelayAuthMode::escr;
  made.auth_aes_key = crypto::base64(kAesKey);
  made.client_ephemeral_key = ephemeral.public_key().text();
  made.client_ephemeral_key_type = "rsa2048";
  return made;
}

}  // namespace

// noports-newer.md 3.2, 7.4
TEST_CASE("ESCR is offered once the device's signing key is published", "[daemon][escr]") {
  World world;
  const auto answer = world.ping();
  CHECK(answer.features.escr);
  CHECK(answer.auth_modes == std::vector<std::string>{"payload", "escr"});
  CHECK(answer.public_signing_key_uri == "public:_apsk.primary.a.__e@device");
  CHECK(answer.np_cp_version == "1.5.0");
  CHECK(world.mail.public_values.at("_apsk.primary.a.__e") ==
        keys_of_device().pkam.public_key().text());
}

TEST_CASE("a device that cannot publish its key offers payload mode alone", "[daemon][escr]") {
  World world(false);
  const auto answer = world.ping();
  CHECK_FALSE(answer.features.escr);
  CHECK(answer.auth_modes == std::vector<std::string>{"payload"});
  CHECK_FALSE(answer.public_signing_key_uri);
  world.mail.store_fails.reset();
  const auto wanted = request(1);
  world.ask(wanted);
  CHECK(world.answer_to(wanted).find("payload mode only") != std::string::npos);
}

TEST_CASE("the device answers the relay's challenge with its enrolment's key", "[daemon][escr]") {
  World world;
  world.ping();
  auto acceptor = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
  const auto wanted = request(acceptor.local_endpoint().port());
  world.ask(wanted);
  net::Stream relay(*test::run(world.loop, net::accept(acceptor)), proto::kEscrLineLimit);
  const auto challenge = proto::make_escr_challenge();
  REQUIRE(test::run(world.loop, relay.write_all(challenge + "\n")));
  const auto line = test::run(world.loop, relay.read_line());
  REQUIRE(line);
  const auto proof =
      proto::open_escr_line(*line, wanted.session, challenge, std::as_bytes(std::span(kAesKey)));
  REQUIRE(proof);
  CHECK(proof->side == proto::RelaySide::device);
  const auto offered =
      *proto::decode_signing_keys(world.mail.public_values.at("_apsk.primary.a.__e"));
  CHECK(proto::check_escr_proof(*proof, world.mail.self(), offered));
  CHECK(world.mail.count(wanted.session.str() + ".lab.sshnp") == 0);  // not before the relay's ok
  REQUIRE(test::run(world.loop, relay.write_all("ok\n")));
  CHECK(world.answer_to(wanted).starts_with('{'));
}

TEST_CASE("a relay that does not believe the device is told to the client",
          "[daemon][escr][hostile]") {
  World world;
  world.ping();
  auto acceptor = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
  const auto wanted = request(acceptor.local_endpoint().port());
  world.ask(wanted);
  net::Stream relay(*test::run(world.loop, net::accept(acceptor)), proto::kEscrLineLimit);
  REQUIRE(test::run(world.loop, relay.write_all("c0ffee\n")));
  REQUIRE(test::run(world.loop, relay.read_line()));
  REQUIRE(test::run(world.loop, relay.write_all("Socket auth failed\n")));
  CHECK(world.answer_to(wanted).find("the relay does not believe our answer") != std::string::npos);
}
