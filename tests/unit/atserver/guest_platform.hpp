// SPDX-License-Identifier: BSD-3-Clause
// A platform that has joined a Running one, on the same loop.
#pragma once

#include "noports/atserver/files.hpp"
#include "running.hpp"

namespace noports::test {

class GuestPlatform {
 public:
  explicit GuestPlatform(Running& host) : host_(host) {
    options_.dir = folder_.path() / "guest";
    options_.directory_port = 0;
    options_.join.emplace();
    options_.join->host = {"localhost", host.platform->directory_port()};
    options_.join->every = std::chrono::milliseconds(200);
    options_.join->token_file = folder_.path() / "token";
    use_token(*atserver::make_join_token(host.dir()));
  }
  ~GuestPlatform() { stop(); }
  GuestPlatform(const GuestPlatform&) = delete;
  GuestPlatform& operator=(const GuestPlatform&) = delete;

  atserver::PlatformOptions& options() { return options_; }
  void use_token(const crypto::Secret& text) {
    REQUIRE(atserver::write_whole(options_.join->token_file, text.text(), 0600));
  }

  Result<void> try_start() {
    auto ready = run(host_.loop, atserver::prepare_to_join(options_, net::in(kPatience)));
    if (!ready) return ready;
    auto opened = atserver::Platform::open(host_.loop.get_executor(), options_);
    if (!opened) return fail(std::move(opened).error());
    platform = *std::move(opened);
    ended_ = false;
    asio::co_spawn(host_.loop, platform->serve(),
                   asio::bind_cancellation_slot(
                       stop_.slot(), [this](std::exception_ptr escaped, Result<void> served) {
                         CHECK_FALSE(escaped);
                         CHECK(served);
                         ended_ = true;
                       }));
    return {};
  }
  void start() {
    const auto started = try_start();
    if (!started) FAIL(started.error().what());
  }
  void stop() {
    if (!platform) return;
    stop_.emit(asio::cancellation_type::terminal);
    CHECK(eventually(host_.loop, [this] { return ended_; }));
    platform.reset();
  }

  const std::filesystem::path& dir() const { return options_.dir; }

  // What a directory says of an atSign: "localhost:PORT", "null", or "(end)".
  std::string ask(const std::string& name) { return ask_at(platform->directory_port(), name); }
  std::string ask_host(const std::string& name) {
    return ask_at(host_.platform->directory_port(), name);
  }
  bool host_finds(const std::string& name) { return host_answers(name, "localhost:"); }
  // Until the answer begins so. An address may have a few connections at once, so not in a rush.
  bool host_answers(const std::string& name, const std::string& begin) {
    return eventually(host_.loop, [&] {
      run(host_.loop, net::pause(std::chrono::milliseconds(100)));
      return ask_host(name).starts_with(begin);
    });
  }

  std::unique_ptr<atserver::Platform> platform;

 private:
  std::string ask_at(std::uint16_t port, const std::string& name) {
    RawClient directory(host_.loop, host_.tls, port);
    REQUIRE(directory.read() == "@");
    auto answer = directory.ask(name);
    return answer.substr(0, answer.find('\r'));
  }

  Running& host_;
  TempFolder folder_;
  atserver::PlatformOptions options_;
  asio::cancellation_signal stop_;
  bool ended_ = true;
};

}  // namespace noports::test
