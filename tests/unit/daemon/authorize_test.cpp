// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/authorize.hpp"

#include <catch2/catch.hpp>

#include "noports/daemon/describe.hpp"
#include "noports/daemon/seen_sessions.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

at::Atsign atsign(const char* text) { return *at::Atsign::parse(text); }

daemon::Rules rules(const char* permit = "localhost:22,*:3389") {
  daemon::Rules made;
  made.managers = {atsign("@boss"), atsign("@deputy")};
  made.permit = *proto::PermitList::parse(permit);
  return made;
}

daemon::Verdict asks(const char* from, const char* host, std::uint16_t port,
                     const daemon::Rules& made, const daemon::Standing& standing = {}) {
  return daemon::may_open(atsign(from), standing, host, port, made);
}

daemon::Rules rules_with_policy(const char* permit = "localhost:22,*:3389") {
  auto made = rules(permit);
  made.policy = atsign("@policy");
  return made;
}

proto::PolicyReply reply(bool authorized, std::vector<std::string> permit,
                         std::optional<std::string> message = std::nullopt) {
  proto::PolicyReply made;
  made.type = proto::PolicyReply::Type::success;
  made.authorized = authorized;
  made.permit_open = std::move(permit);
  made.client_message = std::move(message);
  return made;
}

}  // namespace

TEST_CASE("managers are listened to, in any spelling of their name", "[daemon][authorize]") {
  CHECK(daemon::sender(atsign("@boss"), rules()) == daemon::Sender::manager);
  CHECK(daemon::sender(atsign("B.oss"), rules()) == daemon::Sender::manager);
  CHECK(daemon::sender(atsign("@boss"), rules_with_policy()) == daemon::Sender::manager);
}

TEST_CASE("nobody else is listened to", "[daemon][authorize][hostile]") {
  CHECK(daemon::sender(atsign("@mallory"), rules()) == daemon::Sender::stranger);
  CHECK(daemon::sender(atsign("@bos"), rules()) == daemon::Sender::stranger);
  CHECK(daemon::sender(atsign("@boss"), daemon::Rules{}) == daemon::Sender::stranger);
}

TEST_CASE("a manager opens what is permitted", "[daemon][authorize]") {
  CHECK(asks("@boss", "localhost", 22, rules()).allowed);
  CHECK(asks("@boss", "127.0.0.1", 22, rules()).allowed);
  CHECK(asks("@boss", "10.1.2.3", 3389, rules()).allowed);
}

TEST_CASE("what is not permitted is refused with the reason", "[daemon][authorize][hostile]") {
  const auto verdict = asks("@boss", "localhost", 23, rules());
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.reason == "Daemon does not permit connections to localhost:23");
  CHECK(verdict.by == daemon::Verdict::By::device_list);
  CHECK_FALSE(asks("@mallory", "localhost", 22, rules()).allowed);
  CHECK_FALSE(asks("@boss", "localhost.evil.example", 22, rules()).allowed);
  CHECK_FALSE(asks("@boss", "localhost", 22, rules("otherhost:22")).allowed);
}

// noports-newer.md 14.1, 4.4
TEST_CASE("the policy service is asked about everybody who is no manager", "[daemon][authorize]") {
  CHECK(daemon::sender(atsign("@ann"), rules_with_policy()) == daemon::Sender::to_be_asked);
  // Deciding about clients does not make it one.
  CHECK(daemon::sender(atsign("@policy"), rules_with_policy()) == daemon::Sender::to_be_asked);
}

TEST_CASE("the device's list and the policy's must agree", "[daemon][authorize]") {
  const auto both = rules_with_policy("localhost:22,10.0.0.0/8:8000-8100,[2001:db8::/32]:*");
  const auto ann = daemon::standing(
      atsign("@policy"), reply(true, {"127.0.0.1:*", "*:8080", "[2001:db8::1]:443", "no rule"}));
  CHECK(ann.by == daemon::Standing::By::policy);
  CHECK(asks("@ann", "localhost", 22, both, ann).allowed);
  CHECK(asks("@ann", "::1", 22, both, ann).allowed);
  CHECK(asks("@ann", "10.1.2.3", 8080, both, ann).allowed);
  CHECK(asks("@ann", "2001:db8::1", 443, both, ann).allowed);

  const auto by_device = asks("@ann", "localhost", 23, both, ann);
  CHECK_FALSE(by_device.allowed);
  CHECK(by_device.by == daemon::Verdict::By::device_list);
  CHECK(by_device.reason == "Daemon does not permit connections to localhost:23");

  const auto by_policy = asks("@ann", "10.1.2.3", 8081, both, ann);
  CHECK_FALSE(by_policy.allowed);
  CHECK(by_policy.by == daemon::Verdict::By::own_list);
  CHECK(by_policy.reason == "Client is not permitted connections to 10.1.2.3:8081");
  CHECK(asks("@boss", "10.1.2.3", 8081, both).allowed);  // managers open what the device permits
}

TEST_CASE("a verdict names the rules that allowed it", "[daemon][authorize]") {
  const auto ann = daemon::standing(atsign("@policy"), reply(true, {"*:*"}));
  CHECK(asks("@ann", "localhost", 22, rules_with_policy(), ann).reason ==
        "permitted by the device's rule localhost:22 and the policy's rule *:*");
  CHECK(asks("@boss", "db", 3389, rules_with_policy()).reason ==
        "permitted by the device's rule *:3389, for a manager");
}

TEST_CASE("only who is authorised and has a list is let in", "[daemon][authorize][hostile]") {
  const auto policy = atsign("@policy");
  using By = daemon::Standing::By;
  CHECK(daemon::standing(policy, reply(true, {})).by == By::nobody);
  CHECK(daemon::standing(policy, reply(true, {"localhost:0", "::1:22", ""})).by == By::nobody);
  CHECK(daemon::standing(policy, reply(false, {"*:*"})).by == By::nobody);
  auto acknowledged = reply(true, {"*:*"});
  acknowledged.type = proto::PolicyReply::Type::ack;
  CHECK(daemon::standing(policy, acknowledged).by == By::nobody);
  const daemon::Standing nobody;
  CHECK_FALSE(asks("@ann", "localhost", 22, rules_with_policy("*:*"), nobody).allowed);
}

TEST_CASE("who is denied is told what the policy service says to them", "[daemon][authorize]") {
  const auto policy = atsign("@policy");
  CHECK(daemon::standing(policy, reply(false, {}, "ask Pat")).reason ==
        "Access denied by policy server: ask Pat");
  CHECK(daemon::standing(policy, reply(false, {}, "a\nb\x1b")).reason ==
        "Access denied by policy server: a\\x0ab\\x1b");
  CHECK(daemon::standing(policy, reply(false, {})).reason.empty());  // it does not know them
  CHECK(daemon::standing(policy, reply(true, {})).reason == "Access denied by policy server");
  CHECK(daemon::standing(Error(Errc::timed_out, Hop::policy, "x")).reason ==
        "Timed out waiting for authorizer response");
  CHECK(daemon::standing(Error(Errc::refused, Hop::policy, "x")).reason ==
        "Access denied by policy server");
  CHECK(daemon::standing(Error(Errc::timed_out, Hop::atserver, "x")).reason ==
        "The policy server cannot be reached");
  CHECK(daemon::standing(Error(Errc::busy, "x")).reason.empty());
}

TEST_CASE("what one policy service allowed counts for no other", "[daemon][authorize][hostile]") {
  const auto ann = daemon::standing(atsign("@policy"), reply(true, {"*:*"}));
  auto changed = rules_with_policy();
  changed.policy = atsign("@other");
  CHECK_FALSE(asks("@ann", "localhost", 22, changed, ann).allowed);
  CHECK_FALSE(asks("@ann", "localhost", 22, rules(), ann).allowed);
  // Nor does having been a manager.
  const auto former = asks("@carol", "localhost", 22, rules_with_policy(), daemon::manager());
  CHECK_FALSE(former.allowed);
  CHECK(former.by == daemon::Verdict::By::sender);
}

TEST_CASE("a session is served once a day", "[daemon][hostile]") {
  daemon::SeenSessions seen;
  const auto session = proto::SessionId::fresh();
  const daemon::SeenSessions::Time now{};
  CHECK(seen.remember(session, now));
  CHECK_FALSE(seen.remember(session, now + 1s));
  CHECK_FALSE(seen.remember(session, now + 23h));
  CHECK(seen.remember(proto::SessionId::fresh(), now + 25h));
  CHECK(seen.size() == 1);
  CHECK(seen.remember(session, now + 25h));
}

TEST_CASE("what was seen is written and read back", "[daemon]") {
  daemon::SeenSessions seen;
  const daemon::SeenSessions::Time now{1'700'000'000s};
  const auto old = proto::SessionId::fresh(), young = proto::SessionId::fresh();
  seen.remember(old, now);
  seen.remember(young, now + 2h);
  CHECK(seen.text() == "1700000000 " + old.str() + "\n1700007200 " + young.str() + "\n");
  auto later = daemon::SeenSessions::parse(seen.text(), now + 25h);
  CHECK(later.size() == 1);
  CHECK_FALSE(later.remember(young, now + 25h));
  CHECK(later.remember(old, now + 25h));
}

TEST_CASE("lines that say nothing about a session are left out", "[daemon][hostile]") {
  const daemon::SeenSessions::Time now{1'700'000'000s};
  const auto good = proto::SessionId::fresh();
  const auto seen = daemon::SeenSessions::parse(
      "\n\n 1\n1700000000\n-1 " + good.str() + "\nx " + good.str() +
          "\n1700000000 ../../etc/passwd\n99999999999999999999 " + good.str() + "\n" +
          std::string(1000, '\xff') + "\n1700000000 " + good.str().substr(0, 20),
      now);
  CHECK(seen.size() == 0);
  // A clock that was wrong once does not keep an id for ever.
  auto future = daemon::SeenSessions::parse("9000000000 " + good.str() + "\n", now);
  CHECK_FALSE(future.remember(good, now + 1h));
  CHECK(future.remember(good, now + 25h));
}

TEST_CASE("the device advertises what it serves and nothing else", "[daemon]") {
  auto with_keys = rules();
  with_keys.accepts_public_keys = true;
  const auto answer = daemon::describe(*proto::DeviceName::parse("lab"), "__none__", with_keys);
  CHECK(answer.device_name == "lab");
  CHECK(answer.allowed_services == std::vector<std::string>{"localhost:22", "*:3389"});
  CHECK(answer.features.accepts_public_keys);
  CHECK(answer.features.twin_keys);
  CHECK_FALSE(answer.features.escr);
  CHECK(answer.auth_modes == std::vector<std::string>{"payload"});
  CHECK_FALSE(daemon::describe(*proto::DeviceName::parse("lab"), "x", rules())
                  .features.accepts_public_keys);
}
