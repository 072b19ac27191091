// SPDX-License-Identifier: BSD-3-Clause
// Our own registrar, and the calls of at_activate to it.
#include "noports/atserver/registrar.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "noports/activate/registrar_client.hpp"
#include "platform_world.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct World {
  test::PlatformWorld platform;
  std::filesystem::path codes = platform.dir() / "codes";
  std::unique_ptr<atserver::Registrar> registrar;
  at::Atsign self = *at::Atsign::parse("@ann");

  World() {
    static_cast<void>(platform.add("@ann"));
    atserver::RegistrarOptions options;
    options.dir = platform.dir();
    options.chain = platform.dir() / "server.pem";
    options.key = platform.dir() / "server.key";
    options.port = 0;
    options.otp_file = codes;
    auto opened = atserver::Registrar::open(options);
    if (!opened) FAIL(opened.error().what());
    registrar = *std::move(opened);
  }
  activate::Registrar known() const {
    activate::Registrar known;
    known.address = {"localhost", registrar->port()};
    known.tls = platform.tls();
    return known;
  }
  Result<void> send_code() {
    return test::run(platform.loop, activate::send_code(known(), self, net::in(30s)));
  }
  crypto::Secret code() const {
    std::string name, code;
    std::ifstream(codes) >> name >> code;
    CHECK(name == "@ann");
    return crypto::Secret(std::string_view(code));
  }
  activate::Onboarding onboarding() {
    auto what = platform.onboarding("@ann", crypto::Secret());
    what.ask_secret = [this]() {
      return activate::redeem_code(known(), self, code(), net::in(30s));
    };
    return what;
  }
  Result<void> onboard() {
    return test::run(platform.loop, activate::onboard(onboarding(), [](std::string_view) {}));
  }
};

}  // namespace

TEST_CASE("an atSign is activated with the code that the registrar sends",
          "[integration][activate][registrar]") {
  World world;
  const auto sent = world.send_code();
  if (!sent) FAIL(sent.error().what());
  const auto wrong = test::run(
      world.platform.loop,
      activate::redeem_code(world.known(), world.self, crypto::Secret("0000"), net::in(30s)));
  CHECK(wrong.error().code() == Errc::rejected);
  const auto done = world.onboard();
  if (!done) FAIL(done.error().what());
  const auto client = world.platform.connect("@ann");
  world.platform.close(*client);
}

TEST_CASE("who was interrupted between two codes may use the one that came",
          "[integration][activate][registrar]") {
  World world;
  REQUIRE(world.send_code());
  CHECK(world.send_code().error().code() == Errc::busy);  // at once again
  CHECK(world.onboard());
}

TEST_CASE("a code is used up by the secret that it brings", "[integration][activate][registrar]") {
  World world;
  REQUIRE(world.send_code());
  const auto fetched =
      test::run(world.platform.loop,
                activate::redeem_code(world.known(), world.self, world.code(), net::in(30s)));
  REQUIRE(fetched);
  // The code is used up, the secret is what it was.
  CHECK(world.onboard().error().code() == Errc::rejected);
  auto what = world.platform.onboarding("@ann", *fetched);
  CHECK(
      test::run(world.platform.loop, activate::onboard(std::move(what), [](std::string_view) {})));
}

TEST_CASE("the registrar sends no code for an atSign that does not wait for it",
          "[integration][activate][registrar]") {
  World world;
  world.self = *at::Atsign::parse("@nobody");
  CHECK(world.send_code().error().code() == Errc::refused);
}
