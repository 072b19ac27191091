// SPDX-License-Identifier: BSD-3-Clause
// The device's end against clients that a test plays by hand: old, hostile, slow.
#include <catch2/catch.hpp>

#include "unit/bridge/tunnel_world.hpp"

using namespace noports;
using namespace noports::bridge;
using test::Kind;
using test::TunnelWorld;

namespace {

struct HandClient {
  explicit HandClient(Kind kind) : session(fresh_protection(kind)) {
    world.start_device(session);
    seal = std::move(make_codecs(session, End::client)->seal);
    control.emplace(dial());
  }

  // A socket past the relay's door.
  net::Socket dial() {
    net::Socket socket(world.loop);
    socket.connect({asio::ip::address_v4::loopback(), world.relay.port_a()});
    asio::write(socket, asio::buffer("client\n", 7));
    return socket;
  }
  void send(std::string text) {
    if (seal) {
      const auto bytes = std::as_writable_bytes(std::span(text));
      seal->apply(Window{bytes, 0, bytes.size()});
    }
    asio::write(*control, asio::buffer(text));
  }
  std::string line(const Protection& stream) const {
    return std::string(encode(Connect{stream.copy()}).text());
  }
  // Says `text` on a fresh stream whose connect has been sent, and hears the answer.
  std::string converse(net::Socket socket, const Protection& stream, std::string text) {
    auto codecs = *make_codecs(stream, End::client);
    apply(codecs.seal.get(), text);
    asio::write(socket, asio::buffer(text));
    socket.shutdown(net::Socket::shutdown_send);
    auto answer = test::run(world.loop, test::read_all(socket));
    apply(codecs.open.get(), answer);
    return answer;
  }
  static void apply(Codec* codec, std::string& text) {
    const auto bytes = std::as_writable_bytes(std::span(text));
    if (codec) codec->apply(Window{bytes, 0, bytes.size()});
  }

  TunnelWorld world;
  Protection session;
  std::unique_ptr<Codec> seal;
  std::optional<net::Socket> control;
};

}  // namespace

TEST_CASE("a device serves clients whose connect has no line end", "[bridge]") {
  HandClient client(Kind::ctr);
  for (int i = 0; i < 2; ++i) {
    const auto stream = fresh_protection(Kind::ctr);
    auto socket = client.dial();
    client.send(client.line(stream).substr(0, 77));
    CHECK(client.converse(std::move(socket), stream, "old") == "echo:old");
  }
}

TEST_CASE("a device puts fragmented control lines together", "[bridge]") {
  HandClient client(Kind::ctr_twin);
  const auto one = fresh_protection(Kind::ctr_twin), two = fresh_protection(Kind::ctr_twin);
  auto first = client.dial();
  auto second = client.dial();
  const auto text = client.line(one) + "heartbeat:1\nunknown:verb\n" + client.line(two);
  for (const char c : text) {
    client.send(std::string(1, c));
    client.world.loop.poll();
    client.world.loop.restart();
  }
  CHECK(client.converse(std::move(first), one, "1") == "echo:1");
  CHECK(client.converse(std::move(second), two, "2") == "echo:2");
}

TEST_CASE("a connect without good keys takes its place in the order", "[bridge][hostile]") {
  HandClient client(Kind::ctr_twin);
  auto first = client.dial();
  auto second = client.dial();
  const auto stream = fresh_protection(Kind::ctr_twin);
  client.send("connect:rubbish:rubbish\n" + client.line(stream));
  CHECK(client.converse(std::move(second), stream, "2") == "echo:2");
  CHECK(test::run(client.world.loop, test::read_all(first)).empty());
  REQUIRE(client.world.device_trouble.size() == 1);
  CHECK(client.world.device_trouble[0].code() == Errc::bad_syntax);
}

TEST_CASE("an encrypted session opens no plain connection", "[bridge][hostile]") {
  HandClient client(Kind::ctr_twin);
  auto socket = client.dial();
  client.send("connect:no:encrypt\n");
  CHECK(test::run(client.world.loop, test::read_all(socket)).empty());
  REQUIRE(client.world.device_trouble.size() == 1);
  CHECK(client.world.service.accepted == 0);
}

TEST_CASE("an endless control line ends the session", "[bridge][hostile]") {
  HandClient client(Kind::ctr_twin);
  client.send(std::string(5000, 'x'));
  REQUIRE(client.world.wait_for([&] { return client.world.device_ended.has_value(); }));
  REQUIRE_FALSE(*client.world.device_ended);
  CHECK(client.world.device_ended->error().code() == Errc::bad_syntax);
}

// security-findings.md S27
TEST_CASE("a device opens 1024 connections in one session and no more", "[bridge][hostile]") {
  HandClient client(Kind::none);
  client.world.relay.keeps_what_it_sees = false;
  client.world.service.holds = true;
  std::string lines;
  for (int i = 0; i < 1100; ++i) lines += "connect:no:encrypt\n";
  client.send(lines);
  REQUIRE(client.world.wait_for([&] { return client.world.device_trouble.size() == 76; }));
  REQUIRE(client.world.wait_for([&] { return client.world.service.accepted == 1024; }));
  CHECK_FALSE(client.world.device_ended);
}

TEST_CASE("a client that leaves ends the session in order", "[bridge]") {
  HandClient client(Kind::ctr_twin);
  client.control.reset();
  REQUIRE(client.world.wait_for([&] { return client.world.device_ended.has_value(); }));
  CHECK(*client.world.device_ended);
}
