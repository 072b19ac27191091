// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/list_devices.hpp"

#include "world.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> names(const std::vector<client::Device>& devices) {
  std::vector<std::string> all;
  for (const auto& one : devices) all.push_back(one.name.str() + one.atsign.str());
  return all;
}

struct Listing : test::World {
  void share(const std::string& name, const std::string& version) {
    auto info = test::ping_answer();
    info.device_name = name;
    info.version = version;
    mail.shared[{"@dev", "device_info." + name + ".sshnp"}] = proto::encode(info);
  }
  void beat(const std::string& name, const std::string& version) {
    auto info = test::ping_answer();
    info.device_name = name;
    info.version = version;
    mail.answers("@dev", "heartbeat." + name + ".sshnp", proto::encode(info));
  }
  // Once it is asked.
  void answer(const std::string& name, const std::string& version) {
    mail.on_letter = [this, name, version](const atclient::Letter& letter) {
      if (letter.key.str() == "ping." + name + ".sshnp") beat(name, version);
    };
  }
  Result<std::vector<client::Listed>> list(std::optional<at::Atsign> of,
                                           std::chrono::milliseconds patience) {
    return run(client::list_devices(mail, of, patience));
  }
};

}  // namespace

TEST_CASE("the names of device_info records are devices, sorted and each once", "[client]") {
  const auto devices = client::devices_in(
      {"device_info.zoo.sshnp@dev", "cached:@ann:device_info.lab.sshnp@dev",
       "@ann:device_info.lab.sshnp@dev", "cached:@ann:device_info.attic.sshnp@barn"});
  CHECK(names(devices) == std::vector<std::string>{"attic@barn", "lab@dev", "zoo@dev"});
}

TEST_CASE("keys that name no device are passed over", "[client][hostile]") {
  const auto key = GENERATE(
      as<std::string>{}, "", "device_info.lab.sshnp", "device_info.a.b.sshnp@dev",
      "device_info..sshnp@dev", "device_info.-x.sshnp@dev", "username.lab.sshnp@dev",
      "xdevice_info.lab.sshnp@dev", "device_info.lab.sshnpx@dev", "device_info.l\x1b[b.sshnp@dev",
      "device_info.sshnp@dev", "device_info.lab.sshnp@dev@dev");
  CAPTURE(key);
  CHECK(client::devices_in({key}).empty());
}

TEST_CASE("devices are listed with what they answer, or said last", "[client]") {
  Listing world;
  world.share("lab", "1");
  world.share("attic", "1");
  world.answer("lab", "2");
  const auto all = world.list(test::atsign("@dev"), 50ms);
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).device.name.str() == "attic");
  CHECK_FALSE(all->at(0).is_active);
  CHECK(all->at(0).info.value().version == "1");
  CHECK(all->at(1).is_active);
  CHECK(all->at(1).info.value().version == "2");
  CHECK(world.mail.count("ping.lab.sshnp") == 1);
  CHECK(world.mail.count("ping.attic.sshnp") == 1);
}

TEST_CASE("the list is there when the last device has answered", "[client]") {
  Listing world;
  for (const auto* name : {"a", "b", "c", "d", "e"}) world.share(name, "1");
  world.mail.on_letter = [&](const atclient::Letter& letter) {
    if (world.mail.letters.size() < 5) return;  // all are asked before one is waited for
    for (const auto* name : {"a", "b", "c", "d", "e"}) world.beat(name, "2");
    CHECK(letter.value == "ping");
  };
  const auto all = world.list(test::atsign("@dev"), 24h);
  REQUIRE(all);
  REQUIRE(all->size() == 5);
  for (const auto& one : *all) CHECK(one.is_active);
}

TEST_CASE("a heartbeat of before we asked is no answer", "[client]") {
  Listing world;
  world.share("lab", "1");
  world.beat("lab", "2");
  const auto all = world.list(test::atsign("@dev"), 50ms);
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  CHECK_FALSE(all->at(0).is_active);
}

TEST_CASE("an older heartbeat that comes late is no answer beside a true one", "[client]") {
  const bool is_old_first = GENERATE(true, false);
  Listing world;
  world.share("lab", "1");
  world.share("attic", "1");
  const auto beat = [&](const char* key, std::int64_t millis) {
    atclient::Note note{key, test::atsign("@dev"), *at::KeyName::parse(key), "{}", millis};
    world.mail.deliver(note);
  };
  world.mail.on_letter = [&](const atclient::Letter&) {
    if (world.mail.letters.size() < 2) return;
    if (is_old_first) beat("heartbeat.attic.sshnp", 1'700'000'000'000);
    beat("heartbeat.lab.sshnp", 1'700'000'900'000);
    if (!is_old_first) beat("heartbeat.attic.sshnp", 1'700'000'000'000);
  };
  const auto all = world.list(test::atsign("@dev"), 50ms);
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK_FALSE(all->at(0).is_active);
  CHECK(all->at(1).is_active);
}

TEST_CASE("without an atSign the copies here say whom to ask", "[client]") {
  Listing world;
  world.share("lab", "1");
  world.answer("lab", "2");
  world.mail.own_keys = {"cached:@ann:username.lab.sshnp@dev",
                         "cached:@ann:device_info.gone.sshnp@dev", "public:publickey@ann"};
  const auto all = world.list({}, 24h);
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  CHECK(all->at(0).device.name.str() == "lab");
  CHECK(all->at(0).is_active);
}

TEST_CASE("no device is an empty list", "[client]") {
  Listing world;
  CHECK(world.list(test::atsign("@dev"), 24h).value().empty());
  CHECK(world.list({}, 24h).value().empty());
}

TEST_CASE("heartbeats of strangers and of other devices make none active", "[client][hostile]") {
  std::vector<client::Listed> all{
      client::Listed({test::atsign("@dev"), *proto::DeviceName::parse("lab")})};
  const auto info = proto::encode(test::ping_answer());
  CHECK_FALSE(client::hear(all, test::atsign("@mallory"), "heartbeat.lab.sshnp", info));
  CHECK_FALSE(client::hear(all, test::atsign("@dev"), "heartbeat.attic.sshnp", info));
  CHECK_FALSE(client::hear(all, test::atsign("@dev"), "heartbeat.x.lab.sshnp", info));
  CHECK_FALSE(client::hear(all, test::atsign("@dev"), "ping.lab.sshnp", info));
  CHECK_FALSE(all[0].is_active);
  CHECK(client::hear(all, test::atsign("@dev"), "heartbeat.lab.sshnp", info));
  CHECK_FALSE(client::hear(all, test::atsign("@dev"), "heartbeat.lab.sshnp", info));
}

TEST_CASE("a device whose answer cannot be read is active all the same", "[client][hostile]") {
  const auto answer = GENERATE(as<std::string>{}, "", "{", "[]", "{\"devicename\":1}");
  std::vector<client::Listed> all{
      client::Listed({test::atsign("@dev"), *proto::DeviceName::parse("lab")})};
  CHECK(client::hear(all, test::atsign("@dev"), "heartbeat.lab.sshnp", answer));
  CHECK(all[0].is_active);
  CHECK_FALSE(all[0].info);
}

TEST_CASE("what our atServer refuses is told", "[client]") {
  Listing world;
  world.mail.store_fails = Error(Errc::rejected, Hop::atserver, "no");
  CHECK(world.list(test::atsign("@dev"), 1ms).error().code() == Errc::rejected);
  CHECK(world.list({}, 1ms).error().code() == Errc::rejected);
}
