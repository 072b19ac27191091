// SPDX-License-Identifier: BSD-3-Clause
#include "noports/atclient/directory.hpp"

#include <catch2/catch.hpp>

#include "fake_world.hpp"

using namespace noports;
using namespace noports::atclient;
using namespace std::chrono_literals;
using test::atsign;

namespace {

struct World {
  asio::io_context loop;
  test::FakeWorld fake{loop};
  Finder finder{fake.directory(), fake.tls()};

  Result<Finder::Found> find(std::string_view name, std::chrono::milliseconds patience = 10s) {
    return test::run(loop, finder.find(atsign(name), net::in(patience)));
  }
};

}  // namespace

// atprotocol-wire.md 2
TEST_CASE("an answer of the directory is an address or its absence", "[atclient][directory]") {
  const auto line = GENERATE(as<std::string>{}, "alice.example.net:7001", "@alice.example.net:7001",
                             "alice.example.net:7001\r", "@@alice.example.net:7001");
  const auto address = decode_directory_answer(line);
  REQUIRE(address);
  REQUIRE(*address);
  CHECK(**address == Address{"alice.example.net", 7001});
  CHECK(decode_directory_answer(encode_directory_answer(*address)).value() == *address);
  for (const auto* missing : {"null", "@null", "null\r", "data:null"}) {
    CHECK_FALSE(*decode_directory_answer(missing));
  }
}

TEST_CASE("what is no answer of a directory is refused", "[atclient][directory][hostile]") {
  const auto line = GENERATE(as<std::string>{}, "", "@", "alice", ":7001", "host:", "host:0",
                             "host:65536", "host:7001:x", "a b:7001", "[::1]:7001", "h\x1b[0m:80",
                             "error:AT0012-Inbound connection limit exceeded");
  CAPTURE(line);
  const auto address = decode_directory_answer(line);
  REQUIRE_FALSE(address);
  CHECK(address.error().code() == Errc::bad_syntax);
  CHECK_FALSE(decode_directory_answer(std::string(300, 'h') + ":80"));
}

TEST_CASE("an address is asked for once, until it is said not to work", "[atclient][directory]") {
  World world;
  const auto found = world.find("@alice");
  REQUIRE(found);
  CHECK(found->address.host == "localhost");
  CHECK_FALSE(found->remembered);
  CHECK(world.find("@alice")->remembered);
  CHECK(world.fake.questions == 1);
  world.finder.forget(atsign("@alice"));
  CHECK_FALSE(world.find("@alice")->remembered);
  CHECK(world.fake.questions == 2);
}

TEST_CASE("an atSign that the directory does not know is not found, and asked for once",
          "[atclient][directory]") {
  World world;
  const auto found = world.find("@nobody");
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == Errc::not_found);
  CHECK(found.error().hop() == Hop::directory);
  CHECK(found.error().hint() == "check the spelling of @nobody");
  CHECK(world.fake.questions == 1);
}

TEST_CASE("a directory that hangs up is asked again", "[atclient][directory]") {
  World world;
  world.fake.deaf_to = 2;
  CHECK(world.find("@alice"));
}

TEST_CASE("a directory that cannot be reached is named", "[atclient][directory]") {
  World world;
  world.fake.deaf_to = 1'000;
  const auto found = world.find("@alice");
  REQUIRE_FALSE(found);
  CHECK(found.error().hop() == Hop::directory);
  CHECK(found.error().what().find("the atDirectory localhost:") != std::string::npos);
}

TEST_CASE("a directory whose name has no address is out of reach, not without the atSign",
          "[atclient][directory]") {
  World world;
  // A label of more than 63 characters has no address, whatever the network says.
  Directory nowhere;
  nowhere.host = std::string(70, 'x');
  world.finder = Finder(nowhere, world.fake.tls());
  const auto found = world.find("@alice", 2s);
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == Errc::disconnected);
  CHECK(found.error().hop() == Hop::directory);
}

TEST_CASE("a directory with a certificate of somebody else is not asked twice",
          "[atclient][directory][hostile]") {
  World world;
  test::Authority other;
  world.finder = Finder(world.fake.directory(), other.client_context());
  const auto found = world.find("@alice");
  REQUIRE_FALSE(found);
  CHECK(found.error().code() == Errc::rejected);
  CHECK(found.error().hop() == Hop::directory);
  CHECK(world.fake.questions == 0);
}

TEST_CASE("with a proxy there is no question", "[atclient][directory]") {
  World world;
  world.finder = Finder({"proxy:proxy.example.org", 443}, world.fake.tls());
  const auto found = world.find("@alice");
  REQUIRE(found);
  CHECK(found->address == Address{"proxy.example.org", 443});
}
