// SPDX-License-Identifier: BSD-3-Clause
#include "noports/signing/own_key.hpp"

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "noports/crypto/base64.hpp"
#include "noports/net/stream.hpp"
#include "noports/signing/door.hpp"
#include "support/fake_mailbox.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

const keys::Keys& our_keys() {
  static const auto keys = *keys::make_keys();
  return keys;
}

struct World {
  Result<void> publish() { return test::run(loop, signing::publish(mail, key, net::in(5s))); }

  asio::io_context loop;
  test::FakeMailbox mail{loop.get_executor(), "@ann"};
  signing::OwnKey key = *signing::own_key(*at::Atsign::parse("@ann"), our_keys());
  std::string& stored = mail.public_values["_apsk.primary.a.__e"];
};

std::string list_of(const std::string& entry) { return R"({"v":1,"keys":[)" + entry + "]}"; }
std::string entry(const std::string& algorithm, const std::string& key) {
  return R"({"kid":"k","use":"sign","alg":")" + algorithm + R"(","pub":")" + key + "\"}";
}

}  // namespace

// noports-newer.md 7.4
TEST_CASE("our signing key stands in the record of our enrolment", "[signing]") {
  World world;
  CHECK(world.key.record.str() == "public:_apsk.primary.a.__e@ann");
  CHECK(world.key.public_key == our_keys().pkam.public_key().text());
  world.mail.public_values.clear();
  REQUIRE(world.publish());
  CHECK(world.mail.public_values.at("_apsk.primary.a.__e") == world.key.public_key);
}

TEST_CASE("an enrolment has a record of its own", "[signing]") {
  auto keys = *keys::make_keys();
  keys.enrollment_id = "6F1C0D5E-0000-4000-8000-000000000001";
  const auto key = signing::own_key(*at::Atsign::parse("@ann"), keys);
  REQUIRE(key);
  CHECK(key->record.str() == "public:_apsk.6f1c0d5e-0000-4000-8000-000000000001.a.__e@ann");
  keys.enrollment_id = "a.b";
  CHECK_FALSE(signing::own_key(*at::Atsign::parse("@ann"), keys));
}

TEST_CASE("a record that says our key is left as it is, any other replaced", "[signing]") {
  World world;
  const auto& ours = world.key.public_key;
  const auto other = our_keys().encryption.public_key().text();
  const auto [before, stays] = GENERATE_COPY(table<std::string, bool>({
      {ours, true},
      {list_of(entry("rsa2048", ours)), true},
      {other, false},
      {"", false},
      {list_of(entry("rsa2048", other)), false},
      {list_of(entry("rsa2048", ours) + "," + entry("mldsa65", "AAEC")), false},
  }));
  world.stored = before;
  REQUIRE(world.publish());
  CHECK(world.stored == (stays ? before : ours));
}

TEST_CASE("a record that cannot be looked up is not written", "[signing][hostile]") {
  World world;
  world.stored = "something";
  world.mail.store_fails = Error(Errc::timed_out, Hop::atserver, "no answer");
  const auto published = world.publish();
  REQUIRE_FALSE(published);
  CHECK(published.error().code() == Errc::timed_out);
  CHECK(world.stored == "something");
}

namespace {

// What a leg says to a relay whose challenge is `challenge`.
Result<std::string> answer_to(World& world, const std::string& challenge,
                              const proto::SessionId& session, const std::string& aes_key) {
  bridge::Leg leg;
  auto set = signing::answer_challenges(leg, world.key, session, proto::RelaySide::device,
                                        crypto::base64(aes_key));
  if (!set) return fail(std::move(set).error());
  CHECK(leg.first_flight == 0);
  auto acceptor = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
  const auto port = acceptor.local_endpoint().port();
  auto ours = *test::run(world.loop, net::dial("127.0.0.1", port, net::in(5s)));
  net::Stream relay(*test::run(world.loop, net::accept(acceptor)));
  const auto play = [&]() -> asio::awaitable<Result<std::string>> {
    auto said = co_await relay.write_all(challenge + "\n");
    if (!said) co_return fail(std::move(said).error());
    auto line = co_await net::before(net::in(20s), relay.read_line());
    auto judged = co_await relay.write_all("ok\n");
    if (!judged) co_return fail(std::move(judged).error());
    co_return line;
  };
  const auto knock = [&]() -> asio::awaitable<Result<bool>> {
    auto passed = co_await leg.authenticate(ours, net::in(20s));
    ours.close();
    if (!passed) co_return fail(std::move(passed).error());
    co_return true;
  };
  auto [passed, line] = test::run(world.loop, net::both(knock(), play()));
  if (!passed) return fail(std::move(passed).error());
  return line;
}

}  // namespace

TEST_CASE("the answer to a relay's challenge is ours, of this session and side",
          "[signing][escr]") {
  World world;
  const auto session = proto::SessionId::fresh();
  const std::string aes_key(32, 'k');
  const auto challenge = proto::make_escr_challenge();
  const auto line = answer_to(world, challenge, session, aes_key);
  REQUIRE(line);
  const auto proof =
      proto::open_escr_line(*line, session, challenge, std::as_bytes(std::span(aes_key)));
  REQUIRE(proof);
  CHECK(proof->side == proto::RelaySide::device);
  CHECK(proof->record == world.key.record);
  const auto offered = *proto::decode_signing_keys(world.key.public_key);
  CHECK(proto::check_escr_proof(*proof, *at::Atsign::parse("@ann"), offered));
}

// noports-newer.md 24, W4
TEST_CASE("nothing is signed that could be more than a challenge", "[signing][escr][hostile]") {
  const auto* challenge = GENERATE("", "_4c3d3e2c@ann:8a", R"({"payload":{}})", "two words", "a,b");
  World world;
  const auto line = answer_to(world, challenge, proto::SessionId::fresh(), std::string(32, 'k'));
  REQUIRE_FALSE(line);
  CHECK(line.error().code() == Errc::bad_syntax);
}

TEST_CASE("a key of another size opens no door", "[signing][escr][hostile]") {
  World world;
  CHECK_FALSE(answer_to(world, "c0ffee", proto::SessionId::fresh(), std::string(31, 'k')));
}
