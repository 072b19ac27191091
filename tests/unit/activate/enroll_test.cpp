// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/enroll.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "enrol_server.hpp"
#include "noports/activate/half_made.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/net/task_group.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct World {
  asio::io_context loop;
  test::FakeWorld fake{loop};
  test::EnrolServer server;
  test::TempFolder folder;
  std::filesystem::path key_file = folder.path() / "lab.atKeys";
  std::vector<std::string> said;
  std::string submitted, code;

  World() {
    fake.script = [this](const std::string& line) { return server(line); };
  }

  activate::Enrolling wanted(std::string passcode = "A1B2C3") {
    activate::Enrolling what{fake.directory(), fake.tls(), *at::Atsign::parse("@alice")};
    what.app_name = "noports";
    what.device_name = "lab";
    what.namespaces = *activate::parse_namespaces("sshnp:rw,sshrvd:rw");
    what.passcode = std::move(passcode);
    what.key_file = key_file;
    what.pause = 5ms;
    what.longest_pause = 20ms;
    return what;
  }
  activate::EnrolTold told() {
    activate::EnrolTold all;
    all.say = [this](std::string_view text) { said.emplace_back(text); };
    all.submitted = [this](const std::string& id, const std::string& shown) {
      submitted = id;
      code = shown;
    };
    return all;
  }
  Result<std::string> enroll(activate::Enrolling what) {
    return test::run(loop, activate::enroll(std::move(what), told()));
  }
  // Runs it until `is_time`, where the program is killed.
  void killed(activate::Enrolling what, std::function<bool()> is_time) {
    net::TaskGroup tasks(loop.get_executor(), nullptr);
    const auto body = [&]() -> asio::awaitable<void> {
      auto ended = co_await activate::enroll(std::move(what), told());
      static_cast<void>(ended.has_value());
    };
    tasks.spawn(body());
    REQUIRE(test::eventually(loop, [&] { return tasks.size() == 0 || is_time(); }));
    tasks.cancel();
    REQUIRE(test::eventually(loop, [&] { return tasks.size() == 0; }));
  }
  bool has_pending() const { return std::filesystem::exists(activate::pending_path(key_file)); }
  Result<keys::Keys> keys() const { return keys::load(key_file, *at::Atsign::parse("@alice")); }
};

}  // namespace

TEST_CASE("a device enrols: asks, waits, collects its keys", "[activate][enroll]") {
  World world;
  const auto id = world.enroll(world.wanted());
  if (!id) FAIL(id.error().what());
  CHECK(*id == world.server.id);
  CHECK(world.submitted == *id);
  const auto keys = world.keys();
  if (!keys) FAIL(keys.error().what());
  CHECK(keys->enrollment_id == *id);
  CHECK(keys->pkam.public_key().text() == world.server.asked->public_key);
  CHECK(keys->encryption.text().text() == world.server.owner.encryption.text().text());
  CHECK(crypto::equal(keys->self_encryption.bytes(), world.server.owner.self_encryption.bytes()));
  CHECK(world.code == activate::check_code(*keys->apkam_symmetric, *id));
  CHECK(world.server.asked->app_name == "noports");
  CHECK(world.server.asked->device_name == "lab");
  CHECK_FALSE(world.has_pending());
  CHECK(world.said ==
        std::vector<std::string>{"Submitting enrollment request",
                                 "Waiting for approval; will check every 1 seconds",
                                 "Checking ...  not approved. Will retry in 1 seconds",
                                 "Checking ...  approved.", "Creating atKeys file"});
}

TEST_CASE("an enrolment that was killed anywhere is finished by the next one",
          "[activate][enroll]") {
  // Before the n-th message arrives, or behind it and before its answer.
  const bool is_lost = GENERATE(true, false);
  const auto n = GENERATE(range(1, 9));  // lookup, request, from, pkam, from, pkam, keys, keys
  CAPTURE(is_lost, n);
  World world;
  int count = 0;
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    ++count;
    if (count < n) return world.server(line);
    if (!is_lost && count == n) static_cast<void>(world.server(line));
    return "";
  };
  world.killed(world.wanted(), [&] { return count >= n; });
  CHECK(count >= n);
  CHECK_FALSE(std::filesystem::exists(world.key_file));
  CHECK(world.has_pending());

  world.fake.script = [&](const std::string& line) { return world.server(line); };
  const auto id = world.enroll(world.wanted("D4E5F6"));
  if (!id) FAIL(id.error().what());
  CHECK(world.keys()->enrollment_id == world.server.id);
  CHECK(world.keys()->pkam.public_key().text() == world.server.asked->public_key);
  CHECK_FALSE(world.has_pending());
}

TEST_CASE("an enrolment that was killed between its two files needs no network",
          "[activate][enroll]") {
  World world;
  REQUIRE(world.enroll(world.wanted()));
  auto keys = *world.keys();
  activate::HalfMade half{
      *at::Atsign::parse("@alice"), "noports", "lab", world.server.id, "", keys.pkam,
      keys.apkam_symmetric->copy()};
  REQUIRE(activate::save(half, activate::pending_path(world.key_file)));
  const auto asked = world.fake.commands.size();
  CHECK(*world.enroll(world.wanted()) == world.server.id);
  CHECK(world.fake.commands.size() == asked);
  CHECK_FALSE(world.has_pending());
}

TEST_CASE("a key file that is there already is left alone", "[activate][enroll]") {
  World world;
  world.folder.write("lab.atKeys", "precious");
  const auto id = world.enroll(world.wanted());
  REQUIRE_FALSE(id);
  CHECK(id.error().code() == Errc::busy);
  CHECK(id.error().what() == "atKeys file " + world.key_file.string() + " already exists");
  CHECK(world.fake.commands.empty());
  CHECK(std::filesystem::file_size(world.key_file) == 8);
}

TEST_CASE("a wrong passcode is refused, and nothing is left of it", "[activate][enroll][hostile]") {
  World world;
  const auto id = world.enroll(world.wanted("WRONG1"));
  REQUIRE_FALSE(id);
  CHECK(id.error().what().find("invalid otp") != std::string::npos);
  CHECK(id.error().what().find("WRONG1") == std::string::npos);
  CHECK(id.error().hint().find("at_activate otp") != std::string::npos);
  CHECK_FALSE(world.has_pending());
}

TEST_CASE("a passcode that an unheard request has used up is asked for again",
          "[activate][enroll]") {
  World world;
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    auto answer = world.server(line);
    if (line.starts_with("enroll:request")) return "";
    return answer;
  };
  CHECK_FALSE(world.enroll(world.wanted()));
  world.fake.script = [&](const std::string& line) { return world.server(line); };
  CHECK_FALSE(world.enroll(world.wanted()));  // the same passcode
  CHECK(world.has_pending());
  CHECK(*world.enroll(world.wanted("D4E5F6")) == world.server.id);
}

TEST_CASE("an enrolment that is denied, revoked or run out is over", "[activate][enroll]") {
  const auto status = GENERATE(as<std::string>{}, "denied", "revoked", "expired");
  World world;
  world.server.approves_at_once = false;
  world.killed(world.wanted(), [&] { return world.fake.count("pkam:") >= 2; });
  REQUIRE(world.has_pending());
  world.server.status = status;
  const auto id = world.enroll(world.wanted());
  REQUIRE_FALSE(id);
  CHECK(id.error().code() == Errc::refused);
  CHECK(id.error().what().starts_with("The enrollment: " + world.server.id + " is " + status));
  CHECK_FALSE(world.has_pending());
}

TEST_CASE("a network that comes and goes does not end the waiting", "[activate][enroll]") {
  World world;
  int lost = 3;
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    if (line.starts_with("from:") && lost-- > 0) return "";
    return world.server(line);
  };
  CHECK(world.enroll(world.wanted()));
}

TEST_CASE("the failures of the network that are borne can be limited", "[activate][enroll]") {
  World world;
  world.fake.script = [&](const std::string& line) -> std::optional<std::string> {
    if (line.starts_with("from:")) return "";
    return world.server(line);
  };
  auto what = world.wanted();
  what.retries = 2;
  const auto id = world.enroll(std::move(what));
  REQUIRE_FALSE(id);
  CHECK(world.fake.count("from:") == 3);
  CHECK(world.has_pending());  // it can go on
}

TEST_CASE("another enrolment's unfinished file is not taken over", "[activate][enroll]") {
  World world;
  world.server.approves_at_once = false;
  world.killed(world.wanted(), [&] { return world.fake.count("pkam:") >= 1; });
  auto other = world.wanted();
  other.device_name = "den";
  const auto id = world.enroll(std::move(other));
  REQUIRE_FALSE(id);
  CHECK(id.error().code() == Errc::busy);
  CHECK(id.error().what().find("\"lab\"") != std::string::npos);
}

TEST_CASE("keys that are not those of the atSign are refused", "[activate][enroll][hostile]") {
  World world;
  world.fake.script = [&](const std::string& line) {
    // A server that hands over another private key than the public one it shows.
    if (line.starts_with("keys:get:keyName:" + world.server.id + ".default_enc")) {
      const auto symmetric =
          *activate::unwrap_key(world.server.asked->wrapped_key, world.server.owner.encryption);
      const auto other = world.server.owner.pkam.text();
      const auto bytes = *crypto::encrypt_value(symmetric.bytes(), crypto::kZeroIv, other.text());
      return std::optional("data:{\"value\":\"" + crypto::base64(bytes) + "\"}\n@");
    }
    return world.server(line);
  };
  const auto id = world.enroll(world.wanted());
  REQUIRE_FALSE(id);
  CHECK(id.error().code() == Errc::bad_signature);
  CHECK_FALSE(std::filesystem::exists(world.key_file));
}

TEST_CASE("the key file of an enrolment goes under a passphrase", "[activate][enroll]") {
  World world;
  auto what = world.wanted();
  what.passphrase = std::make_shared<const crypto::Secret>(std::string_view("open sesame"));
  REQUIRE(world.enroll(std::move(what)));
  CHECK_FALSE(world.keys());
  const crypto::Secret passphrase("open sesame");
  CHECK(keys::load(world.key_file, *at::Atsign::parse("@alice"), {&passphrase, false}));
}
