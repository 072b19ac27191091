// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/codec.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "noports/bridge/control.hpp"
#include "unit/bridge/keys.hpp"

using namespace noports;
using bridge::End;
using bridge::Protection;
using Kind = bridge::Protection::Kind;

namespace {

std::string pass(bridge::Codec& codec, std::string text) {
  const auto bytes = std::as_writable_bytes(std::span(text));
  const auto step = codec.apply(bridge::Window{bytes, 0, bytes.size()});
  REQUIRE(step.consumed == text.size());
  REQUIRE(step.produced.size() == text.size());
  return text;
}

std::string exclusive_or(std::string a, const std::string& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

}  // namespace

// noports-newer.md 27.5, "Data"
TEST_CASE("each direction of a twin stream has the bytes of the reference", "[bridge][vectors]") {
  const auto protection = test::twin_protection();
  auto client = bridge::make_codecs(protection, End::client);
  auto device = bridge::make_codecs(protection, End::device);
  REQUIRE(client);
  REQUIRE(device);
  const std::string text = "SSH-2.0-test\r\n";
  const auto up = pass(*client->seal, text);
  const auto down = pass(*device->seal, text);
  CHECK(crypto::hex(up) == "230fca2305310e2867227e12d142");
  CHECK(crypto::hex(down) == "6bf48d45c252ae09ec0029167c8e");
  CHECK(pass(*device->open, up) == text);
  CHECK(pass(*client->open, down) == text);
}

// noports-wire.md 19.2 and noports-newer.md 27.5, last line
TEST_CASE("an old peer's one key serves both directions", "[bridge][vectors]") {
  auto protection = test::twin_protection();
  protection.kind = Kind::ctr;
  auto client = bridge::make_codecs(protection, End::client);
  auto device = bridge::make_codecs(protection, End::device);
  REQUIRE(client);
  REQUIRE(device);
  const std::string text = "SSH-2.0-test\r\n";
  CHECK(crypto::hex(pass(*client->seal, text)) == "230fca2305310e2867227e12d142");
  CHECK(crypto::hex(pass(*device->seal, text)) == "230fca2305310e2867227e12d142");
}

// noports-wire.md 19.6; security-findings.md S1
TEST_CASE("twin keys give no two-time pad", "[bridge][hostile]") {
  const std::string request = "GET /secret HTTP/1.1", reply = "HTTP/1.1 200 OK\r\nDat";
  const auto leak = exclusive_or(request, reply);
  const auto kind = GENERATE(Kind::ctr, Kind::ctr_twin);
  const auto protection = bridge::fresh_protection(kind);
  auto client = bridge::make_codecs(protection, End::client);
  auto device = bridge::make_codecs(protection, End::device);
  REQUIRE(client);
  REQUIRE(device);
  const auto seen = exclusive_or(pass(*client->seal, request), pass(*device->seal, reply));
  // With one key the relay reads the request out of a guessed reply; that is why twins exist.
  CHECK((seen == leak) == (kind == Kind::ctr));
}

TEST_CASE("the position in the key stream goes on from call to call", "[bridge]") {
  const auto protection = test::twin_protection();
  auto whole = bridge::make_codecs(protection, End::client);
  auto cut = bridge::make_codecs(protection, End::client);
  REQUIRE(whole);
  REQUIRE(cut);
  const std::string text(1000, 'x');
  std::string pieces;
  for (std::size_t at = 0, size = 1; at < text.size(); at += size, size = size * 2 + 1) {
    pieces += pass(*cut->seal, text.substr(at, size));
  }
  CHECK(pieces == pass(*whole->seal, text));
}

TEST_CASE("an unprotected stream has no codec", "[bridge]") {
  const auto none = bridge::make_codecs(Protection(), End::client);
  REQUIRE(none);
  CHECK_FALSE(none->seal);
  CHECK_FALSE(none->open);
}

TEST_CASE("a key of the wrong size makes no codec", "[bridge][hostile]") {
  auto protection = test::twin_protection();
  const bool key_is_short = GENERATE(true, false);
  auto& damaged = key_is_short ? protection.client_to_device.key : protection.device_to_client.iv;
  damaged.truncate(15);
  const auto codecs = bridge::make_codecs(protection, End::client);
  REQUIRE_FALSE(codecs);
  CHECK(codecs.error().code() == Errc::config);
}

TEST_CASE("fresh keys differ from stream to stream and between directions", "[bridge]") {
  const auto one = bridge::fresh_protection(Kind::ctr_twin);
  const auto two = bridge::fresh_protection(Kind::ctr_twin);
  CHECK(one.client_to_device.key.size() == 32);
  CHECK(one.client_to_device.iv.size() == 16);
  CHECK(one.client_to_device.key.text() != one.device_to_client.key.text());
  CHECK(one.client_to_device.iv.text() != one.device_to_client.iv.text());
  CHECK(one.client_to_device.key.text() != two.client_to_device.key.text());
}
