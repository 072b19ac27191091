// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/ask_device.hpp"

#include "world.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct Asking : test::World {
  proto::SessionRequest request{proto::RequestKind::npt, proto::SessionId::fresh()};
  std::string answer_key = proto::device_key(request.session.str(), device.name).str();

  Asking() {
    request.relay_host = "relay.example";
    request.relay_port = 40002;
    request.target_host = "localhost";
    request.target_port = 22;
    request.client_nonce = request.relay_nonce = "n";
    request.client_ephemeral_key = test::key_of("ephemeral").public_key().text();
    request.client_ephemeral_key_type = "rsa2048";
    request.timeout = 30s;
  }
  Result<proto::PingAnswer> features(std::chrono::milliseconds patience = 5s) {
    return run(client::ask_features(mail, device, net::in(patience)));
  }
  Result<proto::Grant> session(std::chrono::milliseconds patience = 5s) {
    return run(client::ask_session(me, device, request, net::in(patience)));
  }
  std::string yes(proto::SessionId session, std::string_view signer) {
    const auto payload = proto::encode(proto::plain_grant(session), proto::RequestKind::npt);
    return *proto::seal_envelope(payload, test::key_of(signer));
  }
};

bool names_all_three(const Error& error) {
  const auto& what = error.what();
  const auto has = [&](const char* text) { return what.find(text) != std::string::npos; };
  return has("is off") && has("name is not lab") && has("@ann is not authorised");
}

}  // namespace

TEST_CASE("a device tells what it can do", "[client]") {
  Asking world;
  world.mail.answers("@dev", "heartbeat.lab.sshnp", proto::encode(test::ping_answer()));
  const auto answer = world.features();
  REQUIRE(answer);
  CHECK(answer->features.twin_keys);
  REQUIRE(world.mail.letters.size() == 1);
  CHECK(world.mail.letters[0].key.str() == "ping.lab.sshnp");
  CHECK(world.mail.letters[0].value == "ping");
}

TEST_CASE("a heartbeat of somebody else or of another device is not read", "[client][hostile]") {
  Asking world;
  auto other = test::ping_answer();
  other.device_name = "attic";
  world.mail.answers("@mallory", "heartbeat.lab.sshnp", proto::encode(test::ping_answer()));
  world.mail.answers("@dev", "heartbeat.attic.sshnp", proto::encode(test::ping_answer()));
  world.mail.answers("@dev", "heartbeat.lab.sshnp", proto::encode(other));
  const auto answer = world.features(20ms);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::timed_out);
}

// noports-newer.md 14.1, 4.6
TEST_CASE("a policy service's no is told as the device says it", "[client]") {
  Asking world;
  world.mail.answers("@dev", "heartbeat.lab.sshnp", "Access denied by policy server: ask\x1b Pat");
  const auto answer = world.features();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::refused);
  CHECK(answer.error().hop() == Hop::device);
  CHECK(answer.error().what() ==
        "asking @dev what lab can do: @dev says: Access denied by policy server: ask\\x1b Pat");
}

TEST_CASE("a heartbeat that cannot be read is the device's fault", "[client][hostile]") {
  Asking world;
  world.mail.answers("@dev", "heartbeat.lab.sshnp", "[]");
  const auto answer = world.features();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().hop() == Hop::device);
}

TEST_CASE("a silent device is off, misnamed, or does not know us", "[client]") {
  Asking world;
  const auto answer = world.features(20ms);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::timed_out);
  CHECK(answer.error().hop() == Hop::device);
  CHECK(names_all_three(answer.error()));
  const auto session = world.session(20ms);
  REQUIRE_FALSE(session);
  CHECK(session.error().hop() == Hop::device);
  CHECK(names_all_three(session.error()));
}

TEST_CASE("a session is asked for with a signed request and granted with a signed answer",
          "[client]") {
  Asking world;
  world.mail.answers("@dev", world.answer_key, world.yes(world.request.session, "@dev"));
  const auto grant = world.session();
  REQUIRE(grant);
  CHECK(grant->session == world.request.session);
  REQUIRE(world.mail.letters.size() == 1);
  CHECK(world.mail.letters[0].key.str() == "npt_request.lab.sshnp");
  const auto envelope = proto::decode_envelope(world.mail.letters[0].value);
  REQUIRE(envelope);
  CHECK(proto::check_envelope(*envelope, test::key_of("@ann").public_key()));
  CHECK(proto::decode_session_request(proto::RequestKind::npt, envelope->payload).value() ==
        world.request);
}

TEST_CASE("an ssh session has a key of its own", "[client]") {
  Asking world;
  world.request.kind = proto::RequestKind::ssh;
  static_cast<void>(world.session(5ms));
  REQUIRE(world.mail.letters.size() == 1);
  CHECK(world.mail.letters[0].key.str() == "ssh_request.lab.sshnp");
}

TEST_CASE("an answer that somebody else signed is not believed", "[client][hostile]") {
  Asking world;
  world.mail.answers("@dev", world.answer_key, world.yes(world.request.session, "@mallory"));
  const auto grant = world.session();
  REQUIRE_FALSE(grant);
  CHECK(grant.error().code() == Errc::bad_signature);
  CHECK(grant.error().hop() == Hop::device);
}

TEST_CASE("an answer of somebody else is not read", "[client][hostile]") {
  Asking world;
  world.mail.answers("@mallory", world.answer_key, world.yes(world.request.session, "@dev"));
  world.mail.answers("@mallory", world.answer_key, "no");
  const auto grant = world.session(20ms);
  REQUIRE_FALSE(grant);
  CHECK(grant.error().code() == Errc::timed_out);
}

TEST_CASE("an answer to another session is refused", "[client][hostile]") {
  Asking world;
  world.mail.answers("@dev", world.answer_key, world.yes(proto::SessionId::fresh(), "@dev"));
  const auto grant = world.session();
  REQUIRE_FALSE(grant);
  CHECK(grant.error().code() == Errc::bad_syntax);
  CHECK(grant.error().what().find("another session") != std::string::npos);
}

TEST_CASE("the device's own words are shown, made harmless", "[client][hostile]") {
  Asking world;
  world.mail.answers("@dev", world.answer_key,
                     "Daemon does not permit connections to localhost:22\n\x1b]0;x");
  const auto grant = world.session();
  REQUIRE_FALSE(grant);
  CHECK(grant.error().code() == Errc::refused);
  CHECK(grant.error().hop() == Hop::device);
  CHECK(grant.error().what() ==
        "asking @dev for a session on lab: @dev says: Daemon does not permit connections to "
        "localhost:22\\x0a\\x1b]0;x");
}

TEST_CASE("a status other than connected is no yes", "[client][hostile]") {
  Asking world;
  const auto payload =
      "{\"status\":\"denied\",\"sessionId\":\"" + world.request.session.str() + "\"}";
  world.mail.answers("@dev", world.answer_key,
                     *proto::seal_envelope(payload, test::key_of("@dev")));
  const auto grant = world.session();
  REQUIRE_FALSE(grant);
  CHECK(grant.error().hop() == Hop::device);
}

TEST_CASE("the user's name comes from the device's record", "[client]") {
  Asking world;
  const auto ask = [&] {
    return world.run(client::ask_user_name(world.mail, world.device, net::in(5s)));
  };
  const auto missing = ask();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().hop() == Hop::device);
  CHECK(missing.error().hint() == "give it with -u");
  world.mail.shared[{"@dev", "username.lab.sshnp"}] = "bob\n";
  CHECK(ask().value() == "bob");
}

TEST_CASE("a record of the user's name that cannot be read is answered with advice",
          "[client][hostile]") {
  Asking world;
  const auto ask = [&] {
    return world.run(client::ask_user_name(world.mail, world.device, net::in(5s)));
  };
  world.mail.store_fails = Error(Errc::bad_syntax, "the value cannot be decrypted");
  const auto unreadable = ask();
  REQUIRE_FALSE(unreadable);
  CHECK(unreadable.error().what() ==
        "looking up the remote user's name: the value cannot be decrypted");
  CHECK(unreadable.error().hint() == "give it with -u");
  world.mail.store_fails = Error(Errc::timed_out, "no answer");
  CHECK(ask().error().hint().empty());
}

TEST_CASE("a user's name that ssh or a shell would take for something else is refused",
          "[client][hostile]") {
  const auto text = GENERATE(as<std::string>{}, "", "-oProxyCommand=x", "a b", "a;b", "a\nb",
                             "$(x)", "`x`", "a'b", ".a", "@a", "r\xc3\xb6t", std::string(65, 'a'));
  CAPTURE(text);
  const auto name = client::check_user_name(text);
  REQUIRE_FALSE(name);
  CHECK(name.error().code() == Errc::config);
}

TEST_CASE("usual user names are accepted", "[client]") {
  const auto text = GENERATE(as<std::string>{}, "root", "_apt", "j.doe", "bob-2",
                             "bob@corp.example", "0x", "CORP+bob");
  CHECK(client::check_user_name(text).value() == text);
}

TEST_CASE("an ssh public key is sent as one line", "[client]") {
  Asking world;
  const auto key = proto::SshPublicKey::parse(
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@here");
  REQUIRE(key);
  REQUIRE(world.run(client::send_ssh_key(world.mail, world.device, *key, net::in(5s))));
  REQUIRE(world.mail.letters.size() == 1);
  CHECK(world.mail.letters[0].key.str() == "sshpublickey.lab.sshnp");
  CHECK(world.mail.letters[0].value == key->str());
}
