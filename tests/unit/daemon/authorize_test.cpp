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

}  // namespace

TEST_CASE("managers are listened to, in any spelling of their name", "[daemon][authorize]") {
  CHECK(daemon::is_authorized(atsign("@boss"), rules()));
  CHECK(daemon::is_authorized(atsign("B.oss"), rules()));
}

TEST_CASE("nobody else is listened to", "[daemon][authorize][hostile]") {
  CHECK_FALSE(daemon::is_authorized(atsign("@mallory"), rules()));
  CHECK_FALSE(daemon::is_authorized(atsign("@bos"), rules()));
  CHECK_FALSE(daemon::is_authorized(atsign("@boss"), daemon::Rules{}));
}

TEST_CASE("a manager opens what is permitted", "[daemon][authorize]") {
  CHECK(daemon::may_open(atsign("@boss"), "localhost", 22, rules()).allowed);
  CHECK(daemon::may_open(atsign("@boss"), "127.0.0.1", 22, rules()).allowed);
  CHECK(daemon::may_open(atsign("@boss"), "10.1.2.3", 3389, rules()).allowed);
}

TEST_CASE("what is not permitted is refused with the reason", "[daemon][authorize][hostile]") {
  const auto verdict = daemon::may_open(atsign("@boss"), "localhost", 23, rules());
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.reason == "Daemon does not permit connections to localhost:23");
  CHECK_FALSE(daemon::may_open(atsign("@mallory"), "localhost", 22, rules()).allowed);
  CHECK_FALSE(daemon::may_open(atsign("@boss"), "localhost.evil.example", 22, rules()).allowed);
  CHECK_FALSE(daemon::may_open(atsign("@boss"), "localhost", 22, rules("otherhost:22")).allowed);
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
