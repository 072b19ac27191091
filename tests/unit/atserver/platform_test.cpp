// SPDX-License-Identifier: BSD-3-Clause
// The whole platform over TLS on loopback, by raw protocol lines.
#include <nlohmann/json.hpp>

#include "running.hpp"

using namespace noports;
using test::RawClient;
using test::Running;
using namespace std::chrono_literals;

namespace {

nlohmann::json note_in(const std::string& record) {
  constexpr std::string_view kPrefix = "notification: ";
  if (!record.starts_with(kPrefix)) FAIL("not a notification: " + record);
  CHECK(record.find('\n') == record.size() - 1);
  return nlohmann::json::parse(record.substr(kPrefix.size()));
}

}  // namespace

// atprotocol-wire.md 2 and client-expectations.md 2.1: greeting first, empty lines answered.
TEST_CASE("the directory speaks byte for byte", "[atserver][platform]") {
  Running world;
  REQUIRE(atserver::add_atsign(world.dir(), test::atsign("@alice")));
  RawClient client(world.loop, world.tls, world.platform->directory_port());
  CHECK(client.read() == "@");
  CHECK(client.ask("\r") == "null\r\n@");
  const auto place = client.ask("alice");
  CHECK(place.starts_with("localhost:"));
  CHECK(place.ends_with("\r\n@"));
  CHECK(client.ask("ALICE\r") == place);
  CHECK(client.ask("@alice") == "null\r\n@");
  CHECK(client.ask("nosuchname") == "null\r\n@");
  client.send("@exit\n");
  CHECK(client.read() == "(end)");
}

TEST_CASE("an atServer greets, answers in one record, and never with CR", "[atserver][platform]") {
  Running world;
  world.activate("alice");
  const auto client = world.connect("alice");
  CHECK(client->ask("\r") == "error:AT0003-Exception: invalid command\n@");
  CHECK(client->ask("scan") == "data:[\"publickey@alice\"]\n@");
  CHECK(client->ask("lookup:publickey@alice") == "data:" + test::vector_of("k1Public") + "\n@");
  // Several lines in one record, and one line in several, are answered one by one, in order.
  client->send("noop:0\r\nlookup:x.y@alice\nnoo");
  std::string both = client->read();
  both += client->read();
  CHECK(both == "data:ok\n@error:AT0015-Exception: public:x.y@alice does not exist in keystore\n@");
  CHECK(client->ask("p:0") == "data:ok\n@");
  client->send("@exit\n");
  CHECK(client->read() == "(end)");
}

TEST_CASE("two atSigns share a key and data, and talk by notifications", "[atserver][platform]") {
  Running world;
  world.activate("alice");
  world.activate("bob");
  const auto alice = world.login("alice"), bob = world.login("bob");
  const auto monitor = world.login("bob");
  monitor->send("monitor:selfNotifications\n");
  CHECK(monitor->ask("noop:0") == "data:ok\n");

  CHECK(alice->ask("plookup:publickey@bob") == "data:" + test::vector_of("k1Public") + "\n@alice@");
  CHECK(alice->ask("llookup:shared_key.bob@alice")
            .starts_with("error:AT0015-key not found : shared_key.bob@alice does not exist"));
  CHECK(alice->ask("update:shared_key.bob@alice S").starts_with("data:"));
  CHECK(alice->ask("update:@bob:shared_key@alice T").starts_with("data:"));
  CHECK(note_in(monitor->read())["key"] == "@bob:shared_key@alice");
  CHECK(bob->ask("lookup:shared_key@alice") == "data:T\n@bob@");
  CHECK(bob->ask("scan:@alice") == "data:[\"shared_key@alice\"]\n@bob@");

  CHECK(alice->ask(
            "notify:id:n1:update:ttln:60000:isEncrypted:true:ivNonce:I:@bob:r.d.sshnp@alice:c") ==
        "data:n1\n@alice@");
  const auto note = note_in(monitor->read());
  CHECK(note["id"] == "n1");
  CHECK(note["value"] == "c");
  // The same again is acknowledged and not shown: the next thing seen is the next notification.
  CHECK(alice->ask("notify:id:n1:update:@bob:r.d.sshnp@alice:c") == "data:n1\n@alice@");
  CHECK(alice->ask("notify:id:n2:update:@bob:r.d.sshnp@alice:d") == "data:n2\n@alice@");
  CHECK(note_in(monitor->read())["id"] == "n2");
  CHECK(alice->ask("plookup:publickey@nobody")
            .starts_with("error:AT0007-Secondary server not found : "));
}

TEST_CASE("a monitor that comes back is told what it missed, once, in order",
          "[atserver][platform]") {
  Running world;
  world.activate("alice");
  world.activate("bob");
  auto alice = world.login("alice");
  const auto notify = [&](int number) {
    const auto id = "n" + std::to_string(number);
    REQUIRE(alice->ask("notify:id:" + id + ":@bob:x.y@alice:v") == "data:" + id + "\n@alice@");
  };
  std::int64_t last = 0;
  {
    const auto monitor = world.login("bob");
    monitor->send("monitor\n");
    REQUIRE(monitor->ask("noop:0") == "data:ok\n");
    notify(0);
    last = note_in(monitor->read())["epochMillis"].get<std::int64_t>();
  }
  for (int number = 1; number <= 150; ++number) notify(number);
  world.stop();
  world.start();
  alice = world.login("alice");
  notify(151);
  const auto monitor = world.login("bob");
  monitor->send("monitor:" + std::to_string(last) + "\n");
  for (int number = 1; number <= 151; ++number) {
    const auto note = note_in(monitor->read());
    REQUIRE(note["id"] == "n" + std::to_string(number));
    REQUIRE(note["epochMillis"].get<std::int64_t>() > last);
    last = note["epochMillis"].get<std::int64_t>();
  }
  notify(152);
  CHECK(note_in(monitor->read())["id"] == "n152");
  // Its own expression alone decides what it sees.
  const auto filtered = world.login("bob");
  filtered->send("monitor:0 nothing_like_this\n");
  CHECK(filtered->ask("noop:0") == "data:ok\n");
}

TEST_CASE("a restart keeps everything, also the ports", "[atserver][platform]") {
  Running world;
  world.activate("alice");
  const auto directory = world.platform->directory_port();
  const auto port = world.port_of("alice");
  {
    const auto alice = world.login("alice");
    CHECK(alice->ask("update:ttl:600000:phone.demo@alice 1") == "data:1\n@alice@");
  }
  world.stop();
  world.start();
  CHECK(world.platform->directory_port() == directory);
  CHECK(world.port_of("alice") == port);
  const auto alice = world.login("alice");
  CHECK(alice->ask("llookup:phone.demo@alice") == "data:1\n@alice@");
  CHECK(alice->ask("update:phone.demo@alice 2") == "data:2\n@alice@");
  const auto listed = *atserver::list_atsigns(world.dir());
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].port == port);
  CHECK(listed[0].is_activated);
}

TEST_CASE("an atSign that was added meanwhile is found at its first look-up",
          "[atserver][platform]") {
  Running world;
  REQUIRE(atserver::add_atsign(world.dir(), test::atsign("@late")));
  auto listed = *atserver::list_atsigns(world.dir());
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].port == 0);
  CHECK_FALSE(listed[0].is_activated);
  const auto client = world.connect("late");
  CHECK(client->ask("scan") == "data:[]\n@");
  listed = *atserver::list_atsigns(world.dir());
  CHECK(listed[0].port == world.port_of("late"));
}

TEST_CASE("a folder is served once, and a taken port of the directory is busy",
          "[atserver][platform]") {
  Running world;
  world.activate("alice");
  atserver::PlatformOptions options;
  options.dir = world.dir();
  options.directory_port = 0;
  const auto twice = atserver::Platform::open(world.loop.get_executor(), options);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code() == Errc::busy);
  const auto port = world.platform->directory_port();
  world.stop();
  const auto squatter = *net::listen(world.loop.get_executor(), "127.0.0.1", port);
  const auto taken = atserver::Platform::open(world.loop.get_executor(), options);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code() == Errc::busy);
  CHECK(taken.error().what().find("directory") != std::string::npos);
}

TEST_CASE("a renewed certificate is for later handshakes", "[atserver][platform]") {
  using std::chrono::hours;
  Running world;
  world.activate("alice");
  const auto port = world.port_of("alice");
  const auto alice = world.login("alice");
  const auto can_connect = [&] {
    return test::run(world.loop,
                     net::dial_tls(world.tls, "localhost", port, net::in(test::kPatience)))
        .has_value();
  };
  const auto now = std::chrono::system_clock::now();
  REQUIRE(world.platform->renew_certificate(now + hours(24 * 100)));
  CHECK(can_connect());
  // One that is not valid yet shows that it is this one which is served.
  REQUIRE(world.platform->renew_certificate(now + hours(24 * 300)));
  CHECK_FALSE(can_connect());
  CHECK(alice->ask("noop:0") == "data:ok\n@alice@");
}

TEST_CASE("a taken port of one atSign stops nobody else", "[atserver][platform][hostile]") {
  Running world;
  world.activate("alice");
  world.activate("bob");
  const auto port = world.port_of("alice");
  world.stop();
  {
    const auto squatter = *net::listen(world.loop.get_executor(), "127.0.0.1", port);
    world.start();
    RawClient directory(world.loop, world.tls, world.platform->directory_port());
    REQUIRE(directory.read() == "@");
    CHECK(directory.ask("alice") == "null\r\n@");
    CHECK(world.login("bob")->ask("noop:0") == "data:ok\n@bob@");
  }
  CHECK(world.port_of("alice") == port);
  CHECK(world.login("alice")->ask("noop:0") == "data:ok\n@alice@");
}

TEST_CASE("lines of strangers are short, those of owners long", "[atserver][platform][hostile]") {
  Running world;
  world.activate("alice");
  const auto stranger = world.connect("alice");
  stranger->send("from:" + std::string(17'000, 'a'));
  CHECK(stranger->read() ==
        "error:AT0005-Exception: InboundBuffer overflow: server received request which exceeded "
        "the buffer size limit. Terminating the connection.\n@");
  CHECK(stranger->read() == "(end)");
  const auto alice = world.login("alice");
  const std::string value(1'000'000, 'v');
  CHECK(alice->ask("update:big.demo@alice " + value) == "data:1\n@alice@");
  alice->send("llookup:big.demo@alice\n");
  std::string answer;
  while (!answer.ends_with("@alice@")) answer += alice->read();
  CHECK(answer == "data:" + value + "\n@alice@");
}

TEST_CASE("who does not speak TLS, or does not speak, is sent away",
          "[atserver][platform][hostile]") {
  atserver::Limits limits;
  limits.handshake = 300ms;
  limits.stranger = 1s;
  Running world(limits);
  world.activate("alice");
  const auto port = world.port_of("alice");
  auto socket = *test::run(world.loop, net::dial("localhost", port, net::in(test::kPatience)));
  net::Stream silent(std::move(socket));
  CHECK(test::run(world.loop, silent.read_some())->empty());
  const auto client = world.connect("alice");
  CHECK(client->read() == "(end)");
  const auto alice = world.login("alice");
  CHECK(alice->ask("noop:1200") == "data:ok\n@alice@");
}

TEST_CASE("one address has a bounded number of strangers", "[atserver][platform][hostile]") {
  atserver::Limits limits;
  limits.strangers_per_address = 3;
  Running world(limits);
  world.activate("alice");
  const auto port = world.port_of("alice");
  // Those who have logged in do not count, and stay.
  std::vector<std::unique_ptr<RawClient>> owners;
  for (int i = 0; i < 5; ++i) owners.push_back(world.login("alice"));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<RawClient>(world.loop, world.tls, port));
    REQUIRE(clients.back()->read() == "@");
  }
  CHECK(clients[0]->read().starts_with("("));
  CHECK(clients[1]->read().starts_with("("));
  for (std::size_t i = 2; i < 5; ++i) CHECK(clients[i]->ask("noop:0") == "data:ok\n@");
  for (auto& owner : owners) CHECK(owner->ask("noop:0") == "data:ok\n@alice@");
}

TEST_CASE("a monitor that does not read is dropped", "[atserver][platform][hostile]") {
  atserver::Limits limits;
  limits.queue = 200'000;
  Running world(limits);
  world.activate("alice");
  world.activate("bob");
  const auto monitor = world.login("bob");
  monitor->send("monitor\n");
  REQUIRE(monitor->ask("noop:0") == "data:ok\n");
  const auto alice = world.login("alice");
  const std::string value(1'000'000, 'v');
  // More than the sockets' buffers take.
  for (int i = 0; i < 15; ++i) {
    REQUIRE(alice->ask("notify:@bob:x.y@alice:" + value).starts_with("data:"));
  }
  std::string end;
  do end = monitor->read();
  while (!end.starts_with("("));
  // Nothing is lost: it can be asked for again.
  const auto again = world.login("bob");
  again->send("monitor:0\n");
  std::ptrdiff_t lines = 0;
  while (lines < 15) {
    const auto record = again->read();
    REQUIRE_FALSE(record.starts_with("("));
    lines += std::count(record.begin(), record.end(), '\n');
  }
  CHECK(alice->ask("noop:0") == "data:ok\n@alice@");
}

TEST_CASE("answers wait for the disk, and requests of one turn share the wait",
          "[atserver][platform]") {
  Running world;
  world.activate("alice");
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(world.login("alice"));
  for (int i = 0; i < 20; ++i) {
    clients[static_cast<std::size_t>(i)]->send("update:k" + std::to_string(i) + ".d@alice v\n");
  }
  for (auto& client : clients) CHECK(client->read().starts_with("data:"));
  world.stop();
  auto store = *atserver::Store::open(world.dir() / "store.sqlite");
  atserver::Database::Scope scope(store->database());
  const auto account = *store->accounts.find(test::atsign("@alice"));
  for (int i = 0; i < 20; ++i) {
    CHECK(store->records.find(account.id, "k" + std::to_string(i) + ".d@alice"));
  }
}
