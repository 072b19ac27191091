// SPDX-License-Identifier: BSD-3-Clause
#include "platform_world.hpp"

#include <catch2/catch.hpp>
#include <utility>

#include "noports/keys/keyfile.hpp"

namespace noports::test {

void PlatformWorld::start() {
  atserver::PlatformOptions options;
  options.dir = dir();
  options.directory_port = directory_port_;
  auto opened = atserver::Platform::open(loop.get_executor(), options);
  if (!opened) FAIL(opened.error().what());
  platform_ = *std::move(opened);
  directory_port_ = platform_->directory_port();
  net::Trust trust;
  trust.cert_file = platform_->ca_file();
  tls_ = *net::client_context(trust);
  tasks_.spawn(serve());
}

asio::awaitable<void> PlatformWorld::serve() {
  auto served = co_await platform_->serve();
  CHECK(served);
}

void PlatformWorld::stop() {
  if (!platform_) return;
  tasks_.cancel();
  run(loop, tasks_.join());
  platform_.reset();
}

crypto::Secret PlatformWorld::add(std::string_view atsign) {
  auto secret = atserver::add_atsign(dir(), *at::Atsign::parse(atsign));
  if (!secret) FAIL(secret.error().what());
  return *std::move(secret);
}

activate::Onboarding PlatformWorld::onboarding(std::string_view atsign,
                                               const crypto::Secret& secret) const {
  activate::Onboarding what{directory(), tls_, *at::Atsign::parse(atsign), secret.copy(),
                            key_file(atsign)};
  what.retries = 20;
  what.pause = std::chrono::milliseconds(50);
  return what;
}

std::filesystem::path PlatformWorld::key_file(std::string_view atsign) const {
  return keys::default_path(folder_.path(), *at::Atsign::parse(atsign));
}

void PlatformWorld::activate(std::string_view atsign) {
  const auto secret = add(atsign);
  auto done = run(loop, activate::onboard(onboarding(atsign, secret), [](std::string_view) {}));
  if (!done) FAIL(done.error().what());
}

atclient::Account PlatformWorld::account(std::string_view atsign) const {
  const auto self = *at::Atsign::parse(atsign);
  auto keys = keys::load(key_file(atsign), self);
  if (!keys) FAIL(keys.error().what());
  return atclient::Account{directory(), tls_, self,
                           std::make_shared<const keys::Keys>(*std::move(keys))};
}

Result<std::unique_ptr<atclient::Client>> PlatformWorld::try_connect(atclient::Account account) {
  return run(loop, atclient::connect(std::move(account), net::in(std::chrono::seconds(15))));
}

std::unique_ptr<atclient::Client> PlatformWorld::connect(std::string_view atsign) {
  auto client = try_connect(account(atsign));
  if (!client) FAIL(client.error().what());
  return *std::move(client);
}

}  // namespace noports::test
