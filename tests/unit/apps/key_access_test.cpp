// SPDX-License-Identifier: BSD-3-Clause
#include "common/key_access.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "noports/keys/keyfile.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"
#include "support/vectors.hpp"

using namespace noports;

namespace {

at::Atsign alice() { return at::Atsign::parse("@alice").value(); }

struct World {
  test::TempFolder folder;
  apps::KeyAccess access;

  explicit World(std::string_view vector) { access.file = file("keys", vector_text(vector)); }

  static std::string vector_text(std::string_view name) {
    return test::vector_text(std::string(name));
  }
  std::filesystem::path file(std::string_view name, std::string_view text, mode_t mode = 0600) {
    auto path = folder.write(name, text);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }
  Result<keys::Keys> load() {
    if (auto found = apps::find_passphrase(access, alice()); !found) return fail(found.error());
    asio::io_context loop;
    return test::run(loop, apps::load_keys(access, alice()));
  }
};

}  // namespace

TEST_CASE("a key file under a passphrase opens with the one in a file", "[apps][keys]") {
  for (const auto* name : {"alice_key.passphrase-v0.atKeys", "alice_key.passphrase-v1.atKeys"}) {
    CAPTURE(name);
    World world(name);
    const bool is_v0 = std::string_view(name).find("v0") != std::string_view::npos;
    world.access.passphrase_file =
        world.file("words", is_v0 ? "correct horse battery staple\n" : "pässwörd✓x\r\n");
    const auto keys = world.load();
    if (!keys) FAIL(keys.error().what());
    CHECK(keys->pkam.public_key().text() ==
          keys::decode(test::vector_text("alice_key.dart.atKeys"))->pkam.public_key().text());
  }
}

TEST_CASE("a wrong passphrase is a matter of configuration", "[apps][keys][hostile]") {
  World world("alice_key.passphrase-v0.atKeys");
  world.access.passphrase_file = world.file("words", "wrong");
  CHECK(world.load().error().code() == Errc::config);
}

TEST_CASE("a plain key file needs no passphrase, and none is asked for", "[apps][keys]") {
  World world("alice_key.dart.atKeys");
  CHECK(world.load());
}

TEST_CASE("a key file that others may read is taken when the operator insists",
          "[apps][keys][hostile]") {
  World world("alice_key.dart.atKeys");
  REQUIRE(::chmod(world.access.file->c_str(), 0644) == 0);
  const auto refused = world.load();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint().starts_with("run: chmod 600"));
  world.access.accept_open_permissions = true;
  CHECK(world.load());
}

TEST_CASE("a passphrase file is read to the end of its first line", "[apps][keys]") {
  World world("alice_key.dart.atKeys");
  const auto read = [&](std::string_view text) {
    return apps::read_passphrase_file(world.file("words", text), false);
  };
  CHECK(read(" two words \nmore")->text() == " two words ");
  CHECK(read("word")->text() == "word");
  CHECK(read("word\r\n")->text() == "word");
  CHECK(read(std::string(4096, 'x'))->size() == 4096);
  for (const auto& text : {std::string(), std::string("\nword"), std::string(4097, 'x')}) {
    CHECK(read(text).error().code() == Errc::config);
  }
  CHECK_FALSE(apps::read_passphrase_file(world.folder.path() / "none", false));
}

TEST_CASE("a passphrase file that others may read is refused", "[apps][keys][hostile]") {
  World world("alice_key.dart.atKeys");
  const auto path = world.file("words", "word\n", 0640);
  const auto refused = apps::read_passphrase_file(path, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint() == "run: chmod 600 " + path.string());
  CHECK(apps::read_passphrase_file(path, true));
}
