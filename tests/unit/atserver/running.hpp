// SPDX-License-Identifier: BSD-3-Clause
// A platform that serves on loopback, and raw protocol lines to talk to it.
#pragma once

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "noports/atserver/administration.hpp"
#include "noports/atserver/platform.hpp"
#include "noports/net/tls.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"
#include "world.hpp"

namespace noports::test {

// One connection. What it expects it reads in one piece: one TLS record.
class RawClient {
 public:
  RawClient(asio::io_context& loop, net::TlsContext tls, std::uint16_t port)
      : loop_(loop),
        stream_(std::move(
            *run(loop, net::dial_tls(std::move(tls), "localhost", port, net::in(kPatience))))) {}

  // The next record; "(end)" when the connection has ended. Statistics, which monitors are sent at
  // any time, are passed over.
  std::string read() {
    auto record = read_any();
    while (record.starts_with(R"(notification: {"id":"-1",)")) record = read_any();
    return record;
  }
  std::string read_any() {
    auto bytes = run(loop_, net::before(net::in(kPatience), stream_->read_some()));
    if (!bytes) return "(" + bytes.error().what() + ")";
    return bytes->empty() ? "(end)" : *bytes;
  }
  void send(const std::string& bytes) { REQUIRE(run(loop_, stream_->write_all(bytes))); }
  std::string ask(const std::string& line) {
    send(line + "\n");
    return read();
  }
  net::Stream& stream() { return *stream_; }

 private:
  asio::io_context& loop_;
  std::unique_ptr<net::Stream> stream_;
};

class Running {
 public:
  explicit Running(atserver::Limits limits = {}) : limits_(limits) { start(); }
  // With a certificate of its own, which `client_tls` trusts.
  Running(atserver::OwnCertificate certificate, net::TlsContext client_tls)
      : tls(std::move(client_tls)), certificate_(std::move(certificate)) {
    start();
  }
  // One of several on the same loop; `elsewhere` is asked for at each start.
  using ElsewhereMaker = std::function<std::unique_ptr<atserver::Elsewhere>()>;
  Running(asio::io_context& shared, ElsewhereMaker elsewhere, atserver::Limits limits = {})
      : loop(shared), limits_(limits), elsewhere_(std::move(elsewhere)) {
    start();
  }
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void start() {
    atserver::PlatformOptions options;
    options.dir = dir();
    options.directory_port = 0;
    options.limits = limits_;
    options.certificate = certificate_;
    auto opened = atserver::Platform::open(loop.get_executor(), options);
    if (!opened) FAIL(opened.error().what());
    platform = *std::move(opened);
    if (elsewhere_) platform->set_elsewhere(elsewhere_());
    if (!certificate_) {
      net::Trust trust;
      trust.cert_file = platform->ca_file();
      tls = *net::client_context(trust);
    }
    ended_ = false;
    asio::co_spawn(loop, platform->serve(),
                   asio::bind_cancellation_slot(
                       stop_.slot(), [this](std::exception_ptr escaped, Result<void> served) {
                         CHECK_FALSE(escaped);
                         CHECK(served);
                         ended_ = true;
                       }));
  }
  // What SIGTERM does; stop() waits for the end.
  void begin_stop() { stop_.emit(asio::cancellation_type::terminal); }
  void stop() {
    if (!platform) return;
    if (!ended_) begin_stop();
    CHECK(eventually(loop, [this] { return ended_; }));
    platform.reset();
  }

  // Also while it does not run.
  std::filesystem::path ca_file() const { return dir() / "ca.pem"; }
  std::filesystem::path dir() const { return folder_.path() / "platform"; }

  std::uint16_t port_of(const std::string& name) {
    RawClient directory(loop, tls, platform->directory_port());
    REQUIRE(directory.read() == "@");
    const auto answer = directory.ask(name);
    REQUIRE(answer.starts_with("localhost:"));
    REQUIRE(answer.ends_with("\r\n@"));
    return static_cast<std::uint16_t>(std::stoi(answer.substr(10)));
  }
  std::unique_ptr<RawClient> connect(const std::string& name) {
    auto client = std::make_unique<RawClient>(loop, tls, port_of(name));
    REQUIRE(client->read() == "@");
    return client;
  }
  // By PKAM with the pair K1; `name` without '@'. The answer.
  std::string try_login(RawClient& client, const std::string& name);
  // The same on a new connection, which succeeds.
  std::unique_ptr<RawClient> login(const std::string& name);
  // Adds the atSign and activates it as old tools do (keys-and-enrollment.md 3.6).
  void activate(const std::string& name);
  // The second half of it.
  void activate_with(const std::string& name, const crypto::Secret& secret);

 private:
  std::unique_ptr<asio::io_context> own_loop_ = std::make_unique<asio::io_context>();

 public:
  asio::io_context& loop = *own_loop_;
  std::unique_ptr<atserver::Platform> platform;
  net::TlsContext tls;

 private:
  TempFolder folder_;
  atserver::Limits limits_;
  std::optional<atserver::OwnCertificate> certificate_;
  ElsewhereMaker elsewhere_;
  asio::cancellation_signal stop_;
  bool ended_ = true;
};

}  // namespace noports::test
