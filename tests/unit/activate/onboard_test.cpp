// SPDX-License-Identifier: BSD-3-Clause
// The activation, killed at each of its messages.
#include "noports/activate/onboard.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "noports/activate/first_enrolment.hpp"
#include "noports/base/text.hpp"
#include "noports/crypto/base64.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/crypto/random.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/net/task_group.hpp"
#include "support/temp_folder.hpp"
#include "unit/atclient/fake_world.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

// @alice's atServer before anybody had it, as far as an activation goes.
struct FreshServer {
  std::optional<std::string> secret = "s3cret";
  std::string challenge, public_key;
  std::map<std::string, std::string> enrolled;  // id -> key
  std::string device_of_first;

  std::string operator()(const std::string& line) {
    std::string_view rest = line;
    if (take(rest, "from:")) {
      challenge = "_" + crypto::random_uuid() + "@alice:" + crypto::random_uuid();
      return data(challenge);
    }
    if (take(rest, "cram:")) return cram(rest);
    if (take(rest, "pkam:")) return pkam(rest);
    if (take(rest, "enroll:request:")) return enroll(rest);
    if (rest == "llookup:public:publickey@alice" || rest == "lookup:publickey@alice") {
      return public_key.empty() ? refuse("AT0015-key not found : publickey@alice")
                                : data(public_key);
    }
    if (rest.starts_with("update:")) {
      public_key = rest.substr(rest.rfind(' ') + 1);
      return data("1");
    }
    if (rest == "delete:privatekey:at_secret") {
      secret.reset();
      return data("-1");
    }
    return refuse("AT0003-Invalid syntax : " + line);
  }

 private:
  static std::string data(std::string_view text) { return "data:" + std::string(text) + "\n@"; }
  static std::string refuse(std::string_view text) { return "error:" + std::string(text) + "\n@"; }

  std::string cram(std::string_view digest) {
    if (!secret) return refuse("AT0015-key not found : privatekey:at_secret");
    if (digest == crypto::cram_digest(*secret, challenge)) return data("success");
    return refuse("AT0401-Exception: cram authentication failed");
  }
  std::string pkam(std::string_view text) {
    for (const auto& [id, key] : enrolled) {
      if (text.find("enrollmentId:" + id + ":") == text.npos) continue;
      const auto signature = crypto::base64_decode(text.substr(text.rfind(':') + 1));
      if (signature && crypto::PublicKey::parse(key)->verify(challenge, *signature)) {
        return data("success");
      }
    }
    return refuse("AT0401-Exception: pkam authentication failed");
  }
  std::string enroll(std::string_view json) {
    const auto wanted = *activate::decode_first_enrolment(json);
    if (wanted.device_name == device_of_first) {
      return refuse("AT0011-Exception: Another enrollment with id x exists with the app name: a");
    }
    if (device_of_first.empty()) device_of_first = wanted.device_name;
    const auto id = crypto::random_uuid();
    enrolled[id] = wanted.public_key;
    return data("{\"enrollmentId\":\"" + id + "\",\"status\":\"approved\"}");
  }
};

struct World {
  asio::io_context loop;
  test::FakeWorld fake{loop};
  FreshServer server;
  test::TempFolder folder;
  std::filesystem::path key_file = folder.path() / "alice.atKeys";
  int asked = 0;  // for the secret

  World() {
    fake.script = [this](const std::string& line) { return server(line); };
  }
  activate::Onboarding wanted() {
    activate::Onboarding what{fake.directory(), fake.tls(), *at::Atsign::parse("@alice"),
                              crypto::Secret(), key_file};
    what.retries = 20;
    what.pause = 5ms;
    what.ask_secret = [this]() -> asio::awaitable<Result<crypto::Secret>> {
      ++asked;
      co_return crypto::Secret(std::string_view("s3cret"));
    };
    return what;
  }
  Result<void> onboard(activate::Onboarding what) {
    return test::run(loop, activate::onboard(std::move(what), [](std::string_view) {}));
  }
  // Runs it until `is_time`, where the program is killed.
  void killed(activate::Onboarding what, std::function<bool()> is_time) {
    net::TaskGroup tasks(loop.get_executor(), nullptr);
    const auto body = [&]() -> asio::awaitable<void> {
      auto ended = co_await activate::onboard(std::move(what), [](std::string_view) {});
      static_cast<void>(ended.has_value());
    };
    tasks.spawn(body());
    REQUIRE(test::eventually(loop, [&] { return tasks.size() == 0 || is_time(); }));
    tasks.cancel();
    REQUIRE(test::eventually(loop, [&] { return tasks.size() == 0; }));
  }
  // The keys in the file are those that the atServer knows, and it has no other secret.
  void check_active() {
    const auto keys = keys::load(key_file, *at::Atsign::parse("@alice"));
    if (!keys) FAIL(keys.error().what());
    CHECK(server.public_key == keys->encryption.public_key().text());
    CHECK(server.enrolled[keys->enrollment_id.value()] == keys->pkam.public_key().text());
    CHECK_FALSE(server.secret);
  }
};

}  // namespace

TEST_CASE("an activation that was killed at any message is finished by the next one",
          "[activate][onboard]") {
  // Before the n-th message arrives, or behind it and before its answer.
  const bool is_lost = GENERATE(true, false);
  // lookup, from, cram, llookup, enroll, from, pkam, update, delete
  const auto n = GENERATE(range(1, 10));
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

  world.fake.script = [&](const std::string& line) { return world.server(line); };
  const auto done = world.onboard(world.wanted());
  const bool was_last = n == 9 && !is_lost;  // nothing was left to do
  CHECK(done.has_value() != was_last);
  if (!done) CHECK(done.error().hint() == "its keys are in " + world.key_file.string());
  world.check_active();
  // The owner is not asked for what the key file has made superfluous.
  CHECK(world.asked == (n == 1 || n >= 8 ? 1 : 2));
}

TEST_CASE("an activation that was killed while it waited for the secret has changed nothing",
          "[activate][onboard]") {
  World world;
  auto what = world.wanted();
  bool is_waiting = false;
  what.ask_secret = [&]() -> asio::awaitable<Result<crypto::Secret>> {
    is_waiting = true;
    co_await net::pause(1h);
    co_return fail(Errc::io, "never");
  };
  world.killed(std::move(what), [&] { return is_waiting; });
  CHECK(world.server.enrolled.empty());
  CHECK(world.onboard(world.wanted()));
  world.check_active();
}

TEST_CASE("the owner of an activated atSign is not sent a code", "[activate][onboard]") {
  World world;
  world.server.public_key = "somebody's";
  const auto done = world.onboard(world.wanted());
  REQUIRE_FALSE(done);
  CHECK(done.error().code() == Errc::refused);
  CHECK(world.asked == 0);
}

TEST_CASE("without a secret there is no activation", "[activate][onboard]") {
  World world;
  auto what = world.wanted();
  what.ask_secret = []() -> asio::awaitable<Result<crypto::Secret>> {
    co_return fail(Errc::rejected, "wrong code");
  };
  CHECK(world.onboard(std::move(what)).error().what() == "wrong code");
  CHECK_FALSE(std::filesystem::exists(world.key_file));
}
