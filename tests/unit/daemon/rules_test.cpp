// SPDX-License-Identifier: BSD-3-Clause
// Rules that change while sessions live.
#include <catch2/catch.hpp>

#include "noports/proto/policy.hpp"
#include "unit/daemon/device_world.hpp"

using namespace noports;
using namespace std::chrono_literals;
using test::DeviceWorld;

namespace {

daemon::Rules rules(const char* permit = "localhost:22,localhost:80") {
  daemon::Rules made;
  made.managers = {test::atsign("@boss"), test::atsign("@ann")};
  made.permit = *proto::PermitList::parse(permit);
  return made;
}

struct World : DeviceWorld {
  explicit World(daemon::Rules made = rules()) : DeviceWorld(std::move(made)) {
    // The policy service answers at once, with what the test has put here.
    mail.on_letter = [this](const atclient::Letter& letter) {
      const auto id = proto::policy_query_of(letter.key.str());
      if (!id || letter.to.str() != "@policy" || !permitted) return;
      ++asked;
      proto::PolicyReply reply;
      reply.id = *id;
      reply.type = proto::PolicyReply::Type::success;
      reply.authorized = !permitted->empty();
      reply.permit_open = *permitted;
      mail.deliver("@policy", proto::policy_reply_key(reply.type, *id).str(), encode(reply));
    };
  }
  std::optional<std::vector<std::string>> permitted;
  std::size_t asked = 0;
};

// Whether nothing has come from the device up to now: neither an end nor a byte.
bool lives(net::Stream& socket) {
  std::error_code code;
  char byte = 0;
  socket.socket().non_blocking(true);
  socket.socket().receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, code);
  return code == asio::error::would_block;
}

}  // namespace

TEST_CASE("a manager who is one no more loses the sessions, others keep theirs",
          "[daemon][rules]") {
  World world;
  auto ann = world.session(world.request(), "@ann");
  auto boss = world.session(world.request(), "@boss");
  auto changed = rules();
  changed.managers.erase(test::atsign("@ann"));
  world.device->apply(changed);
  CHECK(world.has_ended(ann));
  world.expect_served("@boss");
  CHECK(lives(boss));
}

TEST_CASE("what is permitted no more ends, in either kind of session", "[daemon][rules]") {
  World world(rules("localhost:*"));
  auto web = world.session(world.request(80), "@boss");
  auto gone = world.session(world.request(22), "@boss");
  auto shell = world.request();
  shell.kind = proto::RequestKind::ssh;
  auto ssh = world.session(shell, "@boss");
  world.device->apply(rules("localhost:80"));
  CHECK(world.has_ended(gone));
  CHECK(world.has_ended(ssh));
  CHECK(lives(web));
  const auto again = world.request(22);
  world.send(again, "@boss");
  CHECK(world.answer_to(again) == "Daemon does not permit connections to localhost:22");
}

TEST_CASE("rules that say the same disturb nobody", "[daemon][rules]") {
  World world;
  auto socket = world.session(world.request(), "@boss");
  world.device->apply(rules());
  world.device->apply(rules("localhost:80,localhost:22,*:443"));
  world.expect_served("@boss");
  CHECK(lives(socket));
}

TEST_CASE("a former manager stays if the policy service lets them", "[daemon][rules][policy]") {
  World world;
  auto stays = world.session(world.request(22), "@ann");
  auto goes = world.session(world.request(80), "@ann");
  auto changed = rules();
  changed.managers.erase(test::atsign("@ann"));
  changed.policy = test::atsign("@policy");
  world.permitted.emplace(1, "localhost:22");
  world.device->apply(changed);
  CHECK(world.has_ended(goes));
  CHECK(lives(stays));
  CHECK(world.asked == 1);
}

TEST_CASE("a former manager goes if the policy service is silent", "[daemon][rules][policy]") {
  World world;
  auto socket = world.session(world.request(22), "@ann");
  auto changed = rules();
  changed.managers.erase(test::atsign("@ann"));
  changed.policy = test::atsign("@policy");
  world.device->apply(changed);
  CHECK(world.has_ended(socket));
}

TEST_CASE("a session ends when the policy service says that its rules have changed",
          "[daemon][rules][policy]") {
  auto made = rules();
  made.managers = {test::atsign("@boss")};
  made.policy = test::atsign("@policy");
  World world(made);
  world.permitted.emplace(1, "*:*");
  auto socket = world.session(world.request(), "@ann");
  CHECK(world.mail.deliver("@mallory", "config.lab.devices.policy.sshnp", "{}") == 0);
  world.mail.deliver("@policy", "config.lab.devices.policy.sshnp", "{}");
  REQUIRE(test::eventually(world.loop, [&] { return world.asked == 2; }));
  CHECK(lives(socket));
  world.permitted->clear();
  world.mail.deliver("@policy", "config.lab.devices.policy.sshnp", "{}");
  CHECK(world.has_ended(socket));
}

TEST_CASE("a policy service that goes away ends no session", "[daemon][rules][policy]") {
  auto made = rules();
  made.managers.clear();
  made.policy = test::atsign("@policy");
  World world(made);
  world.permitted.emplace(1, "*:*");
  auto socket = world.session(world.request(), "@ann");
  world.permitted.reset();
  auto changed = made;
  changed.accepts_public_keys = true;
  const auto before = world.mail.letters.size();
  world.device->apply(changed);
  REQUIRE(test::eventually(world.loop, [&] { return world.mail.letters.size() > before; }));
  CHECK(lives(socket));
}

TEST_CASE("another policy service decides anew", "[daemon][rules][policy]") {
  auto made = rules();
  made.managers.clear();
  made.policy = test::atsign("@policy");
  World world(made);
  world.permitted.emplace(1, "*:*");
  auto socket = world.session(world.request(), "@ann");
  auto changed = made;
  changed.policy = test::atsign("@other");  // who does not answer
  world.device->apply(changed);
  CHECK(world.has_ended(socket));
}

TEST_CASE("each connection of a session is asked about anew", "[daemon][rules][hostile]") {
  // The port of sshd is where nobody listens: that a connection was tried shows in the log alone,
  // so the register is asked directly.
  daemon::LiveSessions sessions;
  auto standing = std::make_shared<daemon::Standing>(daemon::manager());
  std::vector<std::string> ends;
  const auto entry = sessions.add(daemon::LiveSessions::Session{
      proto::SessionId::fresh(), test::atsign("@ann"), proto::Endpoint{"localhost", 22}, standing,
      [&](std::string why) { ends.push_back(std::move(why)); }});
  sessions.check(rules());
  CHECK(ends.empty());
  sessions.check(rules("localhost:80"));
  sessions.check(rules("localhost:80"));
  CHECK(ends == std::vector<std::string>{"Daemon does not permit connections to localhost:22"});
}

TEST_CASE("new managers have the device's records, former ones lose them", "[daemon][rules]") {
  auto made = rules();
  made.managers = {test::atsign("@boss")};
  World world(made);
  REQUIRE(test::eventually(world.loop, [&] { return world.mail.records.size() == 2; }));
  auto changed = rules();
  changed.managers = {test::atsign("@ann")};
  world.device->apply(changed);
  REQUIRE(test::eventually(world.loop, [&] { return world.mail.removed.size() == 2; }));
  CHECK(world.mail.records.back().with.str() == "@ann");
  CHECK(world.mail.removed[0].str() == "@boss:username.lab.sshnp@device");
  CHECK(world.mail.removed[1].str() == "@boss:device_info.lab.sshnp@device");
}

TEST_CASE("a request is not served again after a restart", "[daemon][hostile]") {
  World world;
  const auto once = world.request(23);
  world.send(once, "@boss");
  CHECK(world.answer_to(once) == "Daemon does not permit connections to localhost:23");
  daemon::SeenFile later(world.folder.path() / "seen");
  CHECK_FALSE(later.remember(
      once.session, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())));
}
