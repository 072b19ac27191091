// SPDX-License-Identifier: BSD-3-Clause
// A device named lab, whose managers and policy a test chooses; sockets that a test accepts stand
// for its relay.
#pragma once

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "noports/daemon/daemon.hpp"
#include "noports/net/stream.hpp"
#include "noports/proto/envelope.hpp"
#include "noports/proto/session.hpp"
#include "support/fake_mailbox.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"

namespace noports::test {

inline at::Atsign atsign(const std::string& text) { return *at::Atsign::parse(text); }

inline const crypto::PrivateKey& key_of(const std::string& who) {
  static std::map<std::string, crypto::PrivateKey> keys;
  auto found = keys.find(who);
  if (found == keys.end()) found = keys.emplace(who, *crypto::PrivateKey::generate()).first;
  return found->second;
}

struct DeviceWorld {
  explicit DeviceWorld(daemon::Rules rules) {
    for (const auto* who : {"@boss", "@ann", "@mallory"}) {
      mail.public_keys.emplace(who, key_of(who).public_key());
    }
    daemon::Options options{*proto::DeviceName::parse("lab")};
    options.device_group = "sensors";
    options.rules = std::move(rules);
    options.user = "pat";
    options.ssh_port = service.local_endpoint().port();
    options.authorized_keys = folder.path() / "authorized_keys";
    options.seen_sessions = folder.path() / "seen";
    device.emplace(loop.get_executor(), mail, poller, *signer, std::move(options));
    tasks.spawn(serve());
    loop.poll();  // it has subscribed, and said what it says at the start
  }
  ~DeviceWorld() {
    tasks.cancel();
    run(loop, tasks.join());
  }
  asio::awaitable<void> serve() {
    auto ended = co_await device->run();
    CHECK_FALSE(ended);
  }

  // A plain npt session to localhost:22 through the relay of this world.
  proto::SessionRequest request(std::uint16_t port = 22) {
    proto::SessionRequest made{proto::RequestKind::npt, proto::SessionId::fresh()};
    made.relay_host = "127.0.0.1";
    made.relay_port = relay.local_endpoint().port();
    made.target_host = "localhost";
    made.target_port = port;
    return made;
  }
  void send(const proto::SessionRequest& request, const std::string& from) {
    const auto* kind = request.kind == proto::RequestKind::npt ? "npt_request" : "ssh_request";
    mail.deliver(from, std::string(kind) + ".lab.sshnp",
                 *proto::seal_envelope(proto::encode(request), key_of(from)));
  }
  std::string answer_to(const proto::SessionRequest& request) {
    const auto key = request.session.str() + ".lab.sshnp";
    REQUIRE(eventually(loop, [&] { return mail.count(key) > 0; }));
    return last(key);
  }
  // A session that has been granted: the relay's end of its first socket.
  net::Stream session(const proto::SessionRequest& request, const std::string& from) {
    send(request, from);
    net::Stream socket(*run(loop, net::accept(relay)));
    CHECK(answer_to(request).starts_with('{'));
    return socket;
  }
  // The device has closed or reset it.
  bool has_ended(net::Stream& socket) {
    const auto got = run(loop, socket.read_some());
    return !got || got->empty();
  }
  void expect_served(const std::string& from) {
    const auto before = mail.count("heartbeat.lab.sshnp");
    mail.deliver(from, "ping.lab.sshnp", "ping");
    REQUIRE(eventually(loop, [&] { return mail.count("heartbeat.lab.sshnp") > before; }));
  }
  // A ping of somebody who is served is answered after whatever came before it.
  void expect_nothing_new(const std::string& from) {
    const auto before = mail.letters.size();
    expect_served(from);
    CHECK(mail.letters.size() == before + 1);
  }

  std::string last(const std::string& key) const {
    for (auto letter = mail.letters.rbegin(); letter != mail.letters.rend(); ++letter) {
      if (letter->key.str() == key) return letter->value;
    }
    return {};
  }

  asio::io_context loop;
  TempFolder folder;
  FakeMailbox mail{loop.get_executor(), "@device"};
  net::Poller poller{loop.get_executor()};
  net::Acceptor relay = *net::listen(loop.get_executor(), "127.0.0.1", 0);
  net::Acceptor service = *net::listen(loop.get_executor(), "127.0.0.1", 0);
  std::shared_ptr<atclient::Signer> signer = atclient::key_signer(key_of("@device"));
  std::optional<daemon::Daemon> device;
  net::TaskGroup tasks{loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); }};
};

}  // namespace noports::test
