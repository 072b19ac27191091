// SPDX-License-Identifier: BSD-3-Clause
// The device and its policy service, which the test plays.
#include "noports/proto/policy.hpp"

#include <catch2/catch.hpp>

#include "noports/proto/ping.hpp"
#include "unit/daemon/device_world.hpp"

using namespace noports;
using namespace std::chrono_literals;
using test::DeviceWorld;

namespace {

using Type = proto::PolicyReply::Type;

daemon::Rules rules() {
  daemon::Rules made;
  made.managers = {test::atsign("@boss")};
  made.policy = test::atsign("@policy");
  made.permit = *proto::PermitList::parse("localhost:22,localhost:80");
  return made;
}

proto::PolicyReply reply(Type type, std::int64_t id, bool authorized = false,
                         std::vector<std::string> permit = {},
                         std::optional<std::string> message = std::nullopt) {
  proto::PolicyReply made;
  made.id = id;
  made.type = type;
  made.authorized = authorized;
  made.permit_open = std::move(permit);
  made.client_message = std::move(message);
  return made;
}

struct World : DeviceWorld {
  explicit World(daemon::Rules made = rules()) : DeviceWorld(std::move(made)) {
    CHECK(test::eventually(loop, [&] { return mail.count("lab.devices.policy.sshnp") == 1; }));
  }
  void ping(const char* from) { mail.deliver(from, "ping.lab.sshnp", "ping"); }
  // The n-th question that the device has put.
  proto::PolicyQuery question(std::size_t n = 0) {
    REQUIRE(test::eventually(loop, [&] { return questions().size() > n; }));
    return questions()[n];
  }
  std::vector<proto::PolicyQuery> questions() const {
    std::vector<proto::PolicyQuery> found;
    for (const auto& letter : mail.letters) {
      const auto id = proto::policy_query_of(letter.key.str());
      if (id && letter.to.str() == "@policy") {
        found.push_back(*proto::decode_policy_query(*id, letter.value));
      }
    }
    return found;
  }
  std::size_t say(const proto::PolicyReply& said, const char* from = "@policy") {
    return mail.deliver(from, proto::policy_reply_key(said.type, said.id).str(), encode(said));
  }
  // How often the device has said something to this client.
  std::size_t heartbeats(const char* to) const {
    return static_cast<std::size_t>(
        std::count_if(mail.letters.begin(), mail.letters.end(), [&](const auto& letter) {
          return letter.to.str() == to && letter.key.str() == "heartbeat.lab.sshnp";
        }));
  }
  bool hears(const char* to, std::size_t times = 1) {
    return test::eventually(loop, [&] { return heartbeats(to) >= times; });
  }
};

}  // namespace

// noports-newer.md 14.1
TEST_CASE("a client that is no manager is served as the policy service says", "[daemon][policy]") {
  World world;
  world.ping("@ann");
  const auto asked = world.question();
  CHECK(asked.daemon.str() == "@device");
  CHECK(asked.device == "lab");
  CHECK(asked.group == "sensors");
  CHECK(asked.client.str() == "@ann");
  CHECK(world.heartbeats("@ann") == 0);  // not before the answer
  world.say(reply(Type::ack, asked.id));
  world.say(reply(Type::success, asked.id, true, {"localhost:22"}));
  REQUIRE(world.hears("@ann"));
  CHECK(proto::decode_ping(world.mail.letters.back().value)->device_name == "lab");

  const auto ssh = world.request(22);  // an answer is good for a while
  auto socket = world.session(ssh, "@ann");
  const auto web = world.request(80);
  world.send(web, "@ann");
  CHECK(world.answer_to(web) == "Client is not permitted connections to localhost:80");
  const auto other = world.request(443);
  world.send(other, "@ann");
  CHECK(world.answer_to(other) == "Daemon does not permit connections to localhost:443");
  CHECK(world.questions().size() == 1);
}

TEST_CASE("nobody is asked about managers", "[daemon][policy]") {
  World world;
  world.ping("@boss");
  REQUIRE(world.hears("@boss"));
  CHECK(world.questions().empty());
}

TEST_CASE("questions about one client at one time are one", "[daemon][policy]") {
  World world;
  world.ping("@ann");
  world.ping("@ann");
  const auto wanted = world.request(23);
  world.send(wanted, "@ann");
  world.say(reply(Type::success, world.question().id, true, {"*:*"}));
  REQUIRE(world.hears("@ann", 2));
  CHECK(world.answer_to(wanted) == "Daemon does not permit connections to localhost:23");
  CHECK(world.questions().size() == 1);
}

TEST_CASE("a no of the policy service reaches the client as a sentence", "[daemon][policy]") {
  World world;
  world.ping("@ann");
  world.say(reply(Type::success, world.question().id, false, {}, "@ann may not, ask Pat"));
  REQUIRE(world.hears("@ann"));
  const std::string sentence = "Access denied by policy server: @ann may not, ask Pat";
  CHECK(world.mail.letters.back().value == sentence);
  for (const auto kind : {proto::RequestKind::npt, proto::RequestKind::ssh}) {
    auto wanted = world.request();
    wanted.kind = kind;
    world.send(wanted, "@ann");
    CHECK(world.answer_to(wanted) == sentence);
  }
}

TEST_CASE("a nack and an error are a no", "[daemon][policy]") {
  World world;
  const auto type = GENERATE(Type::nack, Type::error);
  world.ping("@ann");
  auto no = reply(type, world.question().id);
  no.message = "internal: /var/lib/npp";
  world.say(no);
  REQUIRE(world.hears("@ann"));
  CHECK(world.mail.letters.back().value == "Access denied by policy server");  // no more than that
}

TEST_CASE("whom the policy service does not know hears nothing", "[daemon][policy][hostile]") {
  World world;
  world.ping("@mallory");
  world.send(world.request(), "@mallory");
  world.mail.deliver("@mallory", "sshpublickey.lab.sshnp", "ssh-ed25519 AAAA");
  world.mail.deliver("@mallory", "sshd.lab.sshnp", "2222 22 -oProxyCommand=id host");
  world.say(reply(Type::success, world.question().id));
  world.expect_nothing_new("@boss");
  CHECK(world.questions().size() == 1);
}

TEST_CASE("only the policy service answers for itself", "[daemon][policy][hostile]") {
  World world;
  world.ping("@mallory");
  const auto id = world.question().id;
  const auto yes = reply(Type::success, id, true, {"*:*"});
  CHECK(world.say(yes, "@mallory") == 0);
  CHECK(world.say(yes, "@boss") == 0);
  CHECK(world.say(reply(Type::success, id + 1, true, {"*:*"})) == 0);  // of another question
  world.expect_nothing_new("@boss");
  // What the key says and the value does not is no answer either.
  auto other = reply(Type::success, id + 1, true, {"*:*"});
  world.mail.deliver("@policy", proto::policy_reply_key(Type::success, id).str(), encode(other));
  REQUIRE(world.hears("@mallory"));
  CHECK(world.mail.letters.back().value == "Access denied by policy server");
}

TEST_CASE("answers under the keys of old libraries are taken", "[daemon][policy]") {
  World world;
  world.ping("@ann");
  const auto yes = reply(Type::success, world.question().id, true, {"*:*"});
  const auto key = "success." + std::to_string(yes.id) + ".auth_checks.__rpcs";
  CHECK(world.mail.deliver("@policy", key, encode(yes)) == 1);
  REQUIRE(world.hears("@ann"));
  CHECK(world.mail.letters.back().value.starts_with('{'));
}

TEST_CASE("a policy service that is silent is told as such in time", "[daemon][policy]") {
  asio::io_context loop;
  test::FakeMailbox mail(loop.get_executor(), "@device");
  daemon::PolicyAsker asker(loop.get_executor(), mail, *proto::DeviceName::parse("lab"), "");
  const auto answer =
      test::run(loop, asker.ask(test::atsign("@policy"), test::atsign("@ann"), false, 20ms));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code() == Errc::timed_out);
  CHECK(answer.error().hop() == Hop::policy);
  CHECK(daemon::standing(answer.error()).reason == "Timed out waiting for authorizer response");
  REQUIRE(mail.letters.size() == 1);
  CHECK(mail.letters[0].value.find("\"daemonDeviceGroupName\":\"__none__\"") != std::string::npos);
}

TEST_CASE("a policy service that cannot be reached is not silent", "[daemon][policy]") {
  asio::io_context loop;
  test::FakeMailbox mail(loop.get_executor(), "@device");
  mail.notify_fails = Error(Errc::disconnected, Hop::atserver, "gone");
  daemon::PolicyAsker asker(loop.get_executor(), mail, *proto::DeviceName::parse("lab"), "");
  const auto answer =
      test::run(loop, asker.ask(test::atsign("@policy"), test::atsign("@ann"), false, 20ms));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().hop() == Hop::atserver);
}

TEST_CASE("strangers put a bounded number of questions", "[daemon][policy][hostile]") {
  World world;
  for (int n = 0; n < 400; ++n) world.ping(("@stranger" + std::to_string(n)).c_str());
  world.question(daemon::PolicyAsker::kMostAsked - 1);
  world.ping("@boss");
  REQUIRE(world.hears("@boss"));  // whoever is known is served meanwhile
  CHECK(world.questions().size() == daemon::PolicyAsker::kMostAsked);
}

// noports-newer.md 14.2
TEST_CASE("the policy service is told that the device is there", "[daemon][policy]") {
  World world;
  for (const auto& letter : world.mail.letters) {
    if (letter.key.str() != "lab.devices.policy.sshnp") continue;
    CHECK(letter.to.str() == "@policy");
    CHECK(letter.ttln == 5min);
    CHECK(proto::decode_ping(letter.value)->device_group == "sensors");
  }
}
