// SPDX-License-Identifier: BSD-3-Clause
// A whole world in one process and on one loop: atDirectory and atServers, three activated atSigns,
// a relay and a device, over real TLS and TCP on loopback. Each part can be stopped and started.
#pragma once

#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "noports/atclient/client.hpp"
#include "noports/atserver/administration.hpp"
#include "noports/atserver/platform.hpp"
#include "noports/bridge/local_listener.hpp"
#include "noports/client/ephemeral_key.hpp"
#include "noports/client/open_tunnel.hpp"
#include "noports/daemon/daemon.hpp"
#include "noports/net/poller.hpp"
#include "noports/net/task_group.hpp"
#include "noports/relay/relay.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"

namespace noports::test {

inline at::Atsign atsign(const char* text) { return *at::Atsign::parse(text); }

// Something that serves until it is stopped.
class Service {
 public:
  explicit Service(asio::io_context& loop) : loop_(loop) {}
  ~Service() { stop(); }
  void start(asio::awaitable<Result<void>> served);
  void stop();
  bool is_running() const noexcept { return !ended_; }
  const std::optional<Error>& error() const noexcept { return error_; }

 private:
  asio::io_context& loop_;
  asio::cancellation_signal stop_;
  bool ended_ = true;
  std::optional<Error> error_;
};

class World {
 public:
  World();  // platform and activated @client, @device, @relay, @stranger; nothing else runs yet
  ~World();

  void start_platform();
  void stop_platform();
  void start_relay();
  void stop_relay();
  // A device named lab that listens to @client; ssh sessions go to `ssh_port`.
  void start_device(const std::string& permit, std::uint16_t ssh_port = 22);
  void stop_device();

  // A service on a free port that answers each line with its digest, then goes on; at the end of
  // the stream it says "bye" and closes.
  std::uint16_t start_echo();

  // A mailbox of its own for `who`; close_mail() before it dies.
  std::unique_ptr<atclient::Client> login(const char* who);
  void close_mail(std::unique_ptr<atclient::Client>& mail);

  // From nothing to a leg, as npt does it.
  Result<bridge::Leg> open_tunnel(const char* from, proto::RequestKind kind, std::uint16_t port,
                                  const char* device = "lab");

  asio::io_context loop;
  net::Poller poller{loop.get_executor()};
  TempFolder folder;
  client::AuthWish relay_auth;  // of open_tunnel()
  bool device_has_escr = true;  // of the next start_device()

 private:
  atclient::Account account(const char* who) const;
  void activate(const char* who);
  asio::awaitable<Result<void>> serve_relay();
  asio::awaitable<Result<void>> serve_device(std::string permit, std::uint16_t ssh_port);
  asio::awaitable<Result<void>> serve_echo(std::shared_ptr<net::Acceptor> acceptor);

  std::unique_ptr<atserver::Platform> platform_;
  net::TlsContext tls_;
  std::uint16_t directory_port_ = 0;
  net::TaskGroup tasks_;
  Service platform_service_{loop}, relay_service_{loop}, device_service_{loop}, echo_service_{loop};
};

}  // namespace noports::test
