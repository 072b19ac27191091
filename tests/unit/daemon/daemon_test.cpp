// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/daemon.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "noports/proto/envelope.hpp"
#include "noports/proto/ping.hpp"
#include "noports/proto/session.hpp"
#include "support/fake_mailbox.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

const crypto::PrivateKey& key_of(const std::string& who) {
  static std::map<std::string, crypto::PrivateKey> keys;
  auto found = keys.find(who);
  if (found == keys.end()) found = keys.emplace(who, *crypto::PrivateKey::generate()).first;
  return found->second;
}

// A device named lab that listens to @boss, and permits localhost:22 and the port `permitted`.
struct World {
  explicit World(bool hide = false, std::size_t sessions = 256) {
    mail.public_keys.emplace("@boss", key_of("@boss").public_key());
    mail.public_keys.emplace("@mallory", key_of("@mallory").public_key());
    daemon::Options options{*proto::DeviceName::parse("lab")};
    options.rules.managers = {*at::Atsign::parse("@boss")};
    options.rules.permit = *proto::PermitList::parse("localhost:22");
    options.rules.accepts_public_keys = true;
    options.rules.sessions = sessions;
    options.hide = hide;
    options.user = "pat";
    options.authorized_keys = home.path() / ".ssh" / "authorized_keys";
    device.emplace(loop.get_executor(), mail, poller, *signer, std::move(options));
    tasks.spawn(serve());
    CHECK(test::eventually(
        loop, [&] { return hide ? mail.removed.size() == 2 : mail.records.size() == 2; }));
  }
  ~World() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }
  asio::awaitable<void> serve() {
    auto ended = co_await device->run();
    CHECK_FALSE(ended);
  }

  // The text of the answer to a session, or nothing when the device stays silent for a while.
  std::string answer_to(const proto::SessionRequest& request) {
    const auto key = request.session.str() + ".lab.sshnp";
    REQUIRE(test::eventually(loop, [&] { return mail.count(key) > 0; }));
    for (const auto& letter : mail.letters) {
      if (letter.key.str() == key) return letter.value;
    }
    return {};
  }
  void send(const proto::SessionRequest& request, const std::string& from = "@boss",
            const std::string& signed_by = "@boss") {
    const auto* kind = request.kind == proto::RequestKind::npt ? "npt_request" : "ssh_request";
    mail.deliver(from, std::string(kind) + ".lab.sshnp",
                 *proto::seal_envelope(proto::encode(request), key_of(signed_by)));
  }
  // What had been said before, and then the answer to a ping: nothing else came in between.
  void expect_silence() {
    const auto before = mail.letters.size();
    mail.deliver("@boss", "ping.lab.sshnp", "ping");
    REQUIRE(test::eventually(loop, [&] { return mail.letters.size() > before; }));
    CHECK(mail.letters.back().key.str() == "heartbeat.lab.sshnp");
    CHECK(mail.letters.size() == before + 1);
  }

  asio::io_context loop;
  test::TempFolder home;
  test::FakeMailbox mail{loop.get_executor(), "@device"};
  net::Poller poller{loop.get_executor()};
  std::shared_ptr<atclient::Signer> signer = atclient::key_signer(key_of("@device"));
  std::optional<daemon::Daemon> device;
  net::TaskGroup tasks{loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); }};
};

proto::SessionRequest request(std::string host = "localhost", std::uint16_t port = 22) {
  proto::SessionRequest made{proto::RequestKind::npt, proto::SessionId::fresh()};
  made.relay_host = "127.0.0.1";
  made.relay_port = 1;  // nobody listens there
  made.target_host = std::move(host);
  made.target_port = port;
  made.encrypt = true;
  made.client_ephemeral_key = key_of("@ephemeral").public_key().text();
  made.client_ephemeral_key_type = "rsa2048";
  made.twin_keys = true;
  return made;
}

}  // namespace

TEST_CASE("the device publishes who it is to its managers", "[daemon]") {
  World world;
  CHECK(world.mail.records[0].name.str() == "username.lab.sshnp");
  CHECK(world.mail.records[0].value == "pat");
  CHECK(world.mail.records[0].with.str() == "@boss");
  CHECK(world.mail.records[1].name.str() == "device_info.lab.sshnp");
  CHECK(proto::decode_ping(world.mail.records[1].value)->device_name == "lab");
  CHECK(world.mail.count("username.lab.sshnp") == 1);
}

TEST_CASE("a hidden device publishes nothing and takes back what it had said", "[daemon]") {
  World world(true);
  CHECK(world.mail.records.empty());
  CHECK(world.mail.letters.empty());
  world.expect_silence();  // and still answers a ping
}

TEST_CASE("a ping of a manager is answered", "[daemon]") {
  World world;
  world.mail.deliver("@boss", "ping.lab.sshnp", "ping");
  REQUIRE(
      test::eventually(world.loop, [&] { return world.mail.count("heartbeat.lab.sshnp") == 1; }));
  const auto answer = proto::decode_ping(world.mail.letters.back().value);
  REQUIRE(answer);
  CHECK(answer->features.port_choice);
  CHECK(answer->allowed_services == std::vector<std::string>{"localhost:22"});
}

TEST_CASE("a stranger gets no answer to anything", "[daemon][hostile]") {
  World world;
  CHECK(world.mail.deliver("@mallory", "ping.lab.sshnp", "ping") == 0);
  world.send(request(), "@mallory", "@mallory");
  CHECK(world.mail.deliver("@mallory", "sshpublickey.lab.sshnp", "ssh-ed25519 AAAA") == 0);
  world.expect_silence();
}

TEST_CASE("letters for another device are not ours", "[daemon][hostile]") {
  World world;
  CHECK(world.mail.deliver("@boss", "ping.my_lab.sshnp", "ping") == 0);
  CHECK(world.mail.deliver("@boss", "ping.x.lab.sshnp", "ping") == 0);
  world.expect_silence();
}

TEST_CASE("a request that somebody else signed is refused", "[daemon][hostile]") {
  World world;
  const auto forged = request();
  world.send(forged, "@boss", "@mallory");
  CHECK(world.answer_to(forged).starts_with("Signature not verified: "));
}

TEST_CASE("what is not permitted is refused with the words that clients know",
          "[daemon][hostile]") {
  World world;
  const auto wanted = request("localhost", 23);
  world.send(wanted);
  CHECK(world.answer_to(wanted) == "Daemon does not permit connections to localhost:23");
}

TEST_CASE("ssh counts as localhost and the port of sshd", "[daemon]") {
  World world;
  auto ssh = request();
  ssh.kind = proto::RequestKind::ssh;
  world.send(ssh);
  // Permitted: it fails later, at sshd or at the relay, neither of which is there.
  CHECK(world.answer_to(ssh).starts_with(
      "Failed to start up the daemon side of the srv socket tunnel : "));
}

TEST_CASE("a relay that cannot be reached is told as such", "[daemon]") {
  World world;
  const auto wanted = request();
  world.send(wanted);
  const auto answer = world.answer_to(wanted);
  CHECK(answer.starts_with("Failed to start up the daemon side of the srv socket tunnel : "));
  CHECK(answer.find("127.0.0.1:1") != answer.npos);
}

TEST_CASE("a session that was asked for before is not served again", "[daemon][hostile]") {
  World world;
  const auto once = request("localhost", 23);
  world.send(once);
  world.answer_to(once);
  world.send(once);
  world.expect_silence();
}

TEST_CASE("a request that another daemon of this name has claimed is left to it", "[daemon]") {
  World world;
  const auto theirs = request();
  const auto key = theirs.session.str() + ".session_mutexes.sshnp";
  world.mail.claimed.insert(key);
  world.send(theirs);
  world.expect_silence();
  const auto ours = request("localhost", 23);
  world.send(ours);
  CHECK(world.answer_to(ours) == "Daemon does not permit connections to localhost:23");
  CHECK(world.mail.claimed.contains(ours.session.str() + ".session_mutexes.sshnp"));
}

TEST_CASE("a broken request is no reason to answer or to end", "[daemon][hostile]") {
  World world;
  for (const auto* broken : {"", "{", "[]", "{\"payload\":{}}", "connected"}) {
    world.mail.deliver("@boss", "npt_request.lab.sshnp", broken);
  }
  auto no_uuid = proto::encode(request());
  no_uuid.replace(no_uuid.find("sessionId") + 12, 8, "../../..");
  world.mail.deliver("@boss", "npt_request.lab.sshnp",
                     *proto::seal_envelope(no_uuid, key_of("@boss")));
  world.expect_silence();
}

TEST_CASE("reverse ssh of the first generation is not served", "[daemon][hostile]") {
  World world;
  world.mail.deliver("@boss", "sshd.lab.sshnp", "2222 22 -oProxyCommand=id host");
  world.mail.deliver("@boss", "privatekey.lab.sshnp", "-----BEGIN OPENSSH PRIVATE KEY-----");
  world.expect_silence();
}

TEST_CASE("an ssh key of a manager is added, garbage is not", "[daemon][hostile]") {
  World world;
  const auto file = world.home.path() / ".ssh" / "authorized_keys";
  world.mail.deliver("@boss", "sshpublickey.lab.sshnp", "garbage not a key");
  world.mail.deliver(
      "@boss", "sshpublickey.lab.sshnp",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
      "command=\"id\" ssh-ed25519 AAAA");
  world.expect_silence();
  CHECK_FALSE(std::filesystem::exists(file));
  world.mail.deliver(
      "@boss", "sshpublickey.lab.sshnp",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");
  CHECK(test::eventually(world.loop, [&] { return std::filesystem::exists(file); }));
}

TEST_CASE("a lock that somebody holds on ~/.ssh stops nothing but the key", "[daemon][hostile]") {
  World world;
  const auto folder = world.home.path() / ".ssh";
  std::filesystem::create_directory(folder);
  const int held = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  world.mail.deliver(
      "@boss", "sshpublickey.lab.sshnp",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");
  world.expect_silence();  // which asks for a ping's answer
  CHECK_FALSE(std::filesystem::exists(folder / "authorized_keys"));
  ::close(held);
  CHECK(test::eventually(world.loop,
                         [&] { return std::filesystem::exists(folder / "authorized_keys"); }));
}

TEST_CASE("sessions that are being prepared count too", "[daemon][hostile]") {
  World world(false, 1);
  auto first = request(), second = request();
  world.send(first);
  world.send(second);
  const auto answers = world.answer_to(first) + world.answer_to(second);
  CHECK(answers.find("1 sessions already, which is its limit") != answers.npos);
}
