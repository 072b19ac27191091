// SPDX-License-Identifier: BSD-3-Clause
#include "integration/world.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/this_coro.hpp>
#include <catch2/catch.hpp>
#include <utility>

#include "common/run.hpp"
#include "common/service.hpp"
#include "noports/activate/onboard.hpp"
#include "noports/crypto/digest.hpp"
#include "noports/keys/keyfile.hpp"
#include "noports/net/stream.hpp"
#include "noports/net/tls.hpp"

namespace noports::test {

using namespace std::chrono_literals;

void Service::start(asio::awaitable<Result<void>> served) {
  ended_ = false;
  error_.reset();
  asio::co_spawn(loop_, std::move(served),
                 asio::bind_cancellation_slot(
                     stop_.slot(), [this](std::exception_ptr escaped, Result<void> result) {
                       CHECK((!escaped || net::is_cancellation(escaped)));
                       if (!escaped && !result) error_ = std::move(result).error();
                       ended_ = true;
                     }));
}

void Service::stop() {
  if (ended_) return;
  stop_.emit(asio::cancellation_type::terminal);
  CHECK(eventually(loop_, [this] { return ended_; }));
}

World::World() : tasks_(loop.get_executor(), [](std::exception_ptr) { FAIL("escaped"); }) {
  start_platform();
  for (const auto* who : {"@client", "@device", "@relay", "@stranger"}) activate(who);
}

World::~World() {
  stop_device();
  stop_relay();
  echo_service_.stop();
  tasks_.cancel();
  run(loop, tasks_.join());
  stop_platform();
}

void World::start_platform() {
  atserver::PlatformOptions options;
  options.dir = folder.path() / "platform";
  options.directory_port = directory_port_;
  auto opened = atserver::Platform::open(loop.get_executor(), options);
  if (!opened) FAIL(opened.error().what());
  platform_ = *std::move(opened);
  directory_port_ = platform_->directory_port();
  net::Trust trust;
  trust.cert_file = platform_->ca_file();
  tls_ = *net::client_context(trust);
  platform_service_.start(platform_->serve());
}

void World::stop_platform() {
  platform_service_.stop();
  platform_.reset();
}

void World::activate(const char* who) {
  auto secret = atserver::add_atsign(folder.path() / "platform", atsign(who));
  REQUIRE(secret);
  activate::Onboarding what{atclient::Directory{"localhost", directory_port_}, tls_, atsign(who),
                            *std::move(secret), keys::default_path(folder.path(), atsign(who))};
  const auto done = run(loop, activate::onboard(std::move(what), [](std::string_view) {}));
  if (!done) FAIL(done.error().what());
}

atclient::Account World::account(const char* who) const {
  auto keys = keys::load(keys::default_path(folder.path(), atsign(who)), atsign(who));
  if (!keys) FAIL(keys.error().what());
  return atclient::Account{atclient::Directory{"localhost", directory_port_}, tls_, atsign(who),
                           std::make_shared<const keys::Keys>(*std::move(keys))};
}

std::unique_ptr<atclient::Client> World::login(const char* who) {
  auto mail = run(loop, atclient::connect(account(who), net::in(10s)));
  if (!mail) FAIL(mail.error().what());
  return *std::move(mail);
}

void World::close_mail(std::unique_ptr<atclient::Client>& mail) {
  run(loop, mail->close());
  mail.reset();
}

namespace {

asio::awaitable<Result<void>> run_relay(asio::any_io_executor executor, atclient::Client& mail,
                                        net::Poller& poller) {
  bridge::Pumps pumps(poller);
  relay::Options options;
  options.address = "127.0.0.1";
  options.bind_address = "127.0.0.1";
  relay::Relay relay(executor, mail, pumps, std::move(options));
  co_return co_await relay.run();
}

}  // namespace

asio::awaitable<Result<void>> World::serve_relay() {
  auto mail = co_await apps::connect_patiently(account("@relay"));
  if (!mail) co_return fail(std::move(mail).error());
  std::function<asio::awaitable<void>()> close = [&] { return (*mail)->close(); };
  co_return co_await apps::finally(run_relay(loop.get_executor(), **mail, poller),
                                   std::move(close));
}

namespace {

asio::awaitable<Result<void>> run_device(asio::any_io_executor executor, atclient::Client& mail,
                                         net::Poller& poller, const crypto::PrivateKey& key,
                                         daemon::Options options) {
  const auto signer = atclient::key_signer(key);
  daemon::Daemon device(executor, mail, poller, *signer, std::move(options));
  co_return co_await device.run();
}

}  // namespace

asio::awaitable<Result<void>> World::serve_device(std::string permit, std::uint16_t ssh_port) {
  auto mine = account("@device");
  const auto keys = mine.keys;
  auto mail = co_await apps::connect_patiently(std::move(mine));
  if (!mail) co_return fail(std::move(mail).error());
  daemon::Options options{*proto::DeviceName::parse("lab")};
  options.rules.managers = {atsign("@client")};
  options.rules.permit = *proto::PermitList::parse(permit);
  options.ssh_port = ssh_port;
  options.user = "pat";
  options.authorized_keys = folder.path() / "authorized_keys";
  if (device_has_escr) options.enrolment = *signing::own_key(atsign("@device"), *keys);
  std::function<asio::awaitable<void>()> close = [&] { return (*mail)->close(); };
  co_return co_await apps::finally(
      run_device(loop.get_executor(), **mail, poller, keys->encryption, std::move(options)),
      std::move(close));
}

void World::start_relay() { relay_service_.start(serve_relay()); }
void World::stop_relay() { relay_service_.stop(); }
void World::start_device(const std::string& permit, std::uint16_t ssh_port) {
  device_service_.start(serve_device(permit, ssh_port));
}
void World::stop_device() { device_service_.stop(); }

namespace {

asio::awaitable<void> echo(net::Stream stream) {
  for (;;) {
    auto line = co_await stream.read_line();
    std::string answer = line ? crypto::hex(crypto::sha256(*line)) + "\n" : std::string("bye\n");
    const auto written = co_await stream.write_all(std::move(answer));
    if (!line || !written) co_return;
  }
}

}  // namespace

asio::awaitable<Result<void>> World::serve_echo(std::shared_ptr<net::Acceptor> acceptor) {
  for (;;) {
    auto socket = co_await net::accept(*acceptor);
    if (!socket) co_return fail(std::move(socket).error());
    tasks_.spawn(echo(net::Stream(*std::move(socket))));
  }
}

std::uint16_t World::start_echo() {
  auto acceptor =
      std::make_shared<net::Acceptor>(*net::listen(loop.get_executor(), "127.0.0.1", 0));
  const auto port = acceptor->local_endpoint().port();
  echo_service_.start(serve_echo(std::move(acceptor)));
  return port;
}

namespace {

asio::awaitable<Result<bridge::Leg>> arrange(atclient::Client& mail, client::EphemeralKey& key,
                                             std::shared_ptr<const keys::Keys> keys,
                                             client::Wanted wanted) {
  client::Caller me(mail, *keys);
  client::Phases phases;
  co_return co_await client::open_tunnel(
      me, key, std::move(wanted), [](std::string_view) {}, phases);
}

}  // namespace

Result<bridge::Leg> World::open_tunnel(const char* from, proto::RequestKind kind,
                                       std::uint16_t port, const char* device) {
  client::EphemeralKey key(loop.get_executor());
  auto mail = login(from);
  client::Wanted wanted(kind, client::Device(atsign("@device"), *proto::DeviceName::parse(device)),
                        atsign("@relay"));
  wanted.target_port = port;
  wanted.ping_timeout = 2s;
  wanted.relay_auth = relay_auth;
  auto leg = run(loop, arrange(*mail, key, account(from).keys, std::move(wanted)));
  run(loop, key.close());
  close_mail(mail);
  return leg;
}

}  // namespace noports::test
