// SPDX-License-Identifier: BSD-3-Clause
// A platform with activated atSigns in this process, on loopback. It can be stopped and started.
//
//   test::PlatformWorld world;
//   world.activate("@ann");
//   auto client = world.connect("@ann");
//   ...
//   world.close(*client);
#pragma once

#include <asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "noports/activate/onboard.hpp"
#include "noports/atclient/client.hpp"
#include "noports/atserver/administration.hpp"
#include "noports/atserver/platform.hpp"
#include "noports/net/task_group.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"

namespace noports::test {

class PlatformWorld {
 public:
  PlatformWorld() { start(); }
  ~PlatformWorld() { stop(); }
  PlatformWorld(const PlatformWorld&) = delete;
  PlatformWorld& operator=(const PlatformWorld&) = delete;

  void start();
  void stop();

  atclient::Directory directory() const { return {"localhost", directory_port_}; }
  const net::TlsContext& tls() const noexcept { return tls_; }
  std::filesystem::path dir() const { return folder_.path() / "platform"; }

  // An atSign that waits for its activation; its secret.
  crypto::Secret add(std::string_view atsign);
  activate::Onboarding onboarding(std::string_view atsign, const crypto::Secret& secret) const;
  std::filesystem::path key_file(std::string_view atsign) const;
  // add() and onboard().
  void activate(std::string_view atsign);

  atclient::Account account(std::string_view atsign) const;
  Result<std::unique_ptr<atclient::Client>> try_connect(atclient::Account account);
  std::unique_ptr<atclient::Client> connect(std::string_view atsign);
  void close(atclient::Client& client) { run(loop, client.close()); }

  asio::io_context loop;

 private:
  asio::awaitable<void> serve();
  TempFolder folder_;
  std::unique_ptr<atserver::Platform> platform_;
  std::uint16_t directory_port_ = 0;
  net::TlsContext tls_;
  net::TaskGroup tasks_{loop.get_executor(), nullptr};
};

}  // namespace noports::test
