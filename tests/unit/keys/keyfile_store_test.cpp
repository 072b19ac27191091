// SPDX-License-Identifier: BSD-3-Clause
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <thread>
#include <vector>

#include "noports/keys/keyfile.hpp"
#include "support/temp_folder.hpp"
#include "support/vectors.hpp"

using namespace noports;
namespace fs = std::filesystem;

namespace {

at::Atsign alice() { return at::Atsign::parse("@alice").value(); }

std::string dart_text() { return test::vector_text("alice_key.dart.atKeys"); }

keys::Keys some_keys() { return keys::decode(dart_text()).value(); }

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

mode_t mode(const fs::path& path) {
  struct ::stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

void write(const fs::path& path, const std::string& text, mode_t permissions = 0600) {
  std::ofstream(path, std::ios::binary) << text;
  REQUIRE(::chmod(path.c_str(), permissions) == 0);
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

// Somebody without rights: root may read everything.
class AsNobody {
 public:
  AsNobody() : before_(::geteuid()) {
    if (before_ == 0) REQUIRE(::seteuid(65534) == 0);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() {
    if (before_ == 0) (void)!::seteuid(before_);
  }

 private:
  uid_t before_;
};

Error load_error(const fs::path& path) {
  auto keys = keys::load(path, alice());
  REQUIRE_FALSE(keys);
  return std::move(keys).error();
}

}  // namespace

TEST_CASE("the default place of a key file", "[keys][keyfile]") {
  CHECK(keys::default_path("/home/a", alice()) == "/home/a/.atsign/keys/@alice_key.atKeys");
}

TEST_CASE("what is saved is loaded, and nobody else may read it", "[keys][keyfile]") {
  const mode_t mask = GENERATE(as<mode_t>{}, 0, 022, 0777);
  const Umask umask(mask);
  const test::TempFolder home;
  const auto path = keys::default_path(home.path() / "new", alice());
  REQUIRE(keys::save(some_keys(), alice(), path));
  CHECK(content(path) == dart_text());
  CHECK(mode(path) == 0600);
  CHECK(mode(home.path() / "new") == 0700);
  CHECK(mode(home.path() / "new/.atsign") == 0700);
  CHECK(mode(home.path() / "new/.atsign/keys") == 0700);
  CHECK(entries(path.parent_path()) == 1);
  const auto keys = keys::load(path, alice());
  REQUIRE(keys);
  CHECK(keys::encode(*keys, alice()).text() == dart_text());
}

TEST_CASE("save leaves folders that exist as they are", "[keys][keyfile]") {
  const test::TempFolder home;
  REQUIRE(::chmod(home.path().c_str(), 0750) == 0);
  REQUIRE(keys::save(some_keys(), alice(), home.path() / "a.atKeys"));
  CHECK(mode(home.path()) == 0750);
}

TEST_CASE("save never writes over what is there", "[keys][keyfile][hostile]") {
  const test::TempFolder home;
  const auto path = home.path() / "a.atKeys";
  const bool dangling = GENERATE(false, true);
  if (dangling) {
    fs::create_symlink(home.path() / "elsewhere", path);
  } else {
    write(path, "precious");
  }
  const auto saved = keys::save(some_keys(), alice(), path);
  REQUIRE_FALSE(saved);
  CHECK(saved.error().code() == Errc::busy);
  CHECK(saved.error().what() ==
        "writing the keys of @alice to " + path.string() + ": the file exists already");
  CHECK(content(path) == (dangling ? "" : "precious"));
  CHECK(entries(home.path()) == 1);
}

TEST_CASE("of several that save at once one wins", "[keys][keyfile][hostile]") {
  const test::TempFolder home;
  const auto path = home.path() / "keys" / "a.atKeys";
  const auto keys = some_keys();
  std::vector<int> won(8, 0);
  std::vector<std::thread> threads;
  for (auto& mine : won) {
    threads.emplace_back([&] { mine = keys::save(keys, alice(), path).has_value() ? 1 : 0; });
  }
  for (auto& thread : threads) thread.join();
  CHECK(std::count(won.begin(), won.end(), 1) == 1);
  CHECK(content(path) == dart_text());
  CHECK(entries(path.parent_path()) == 1);
}

TEST_CASE("save says why a place cannot be used", "[keys][keyfile]") {
  const test::TempFolder home;
  write(home.path() / "file", "x");
  CHECK(keys::save(some_keys(), alice(), home.path() / "file/a.atKeys").error().code() == Errc::io);
  CHECK(keys::save(some_keys(), alice(), home.path() / "file/b/a.atKeys").error().code() ==
        Errc::io);
  CHECK(keys::save(some_keys(), alice(), home.path() / "").error().code() == Errc::config);
  REQUIRE(::chmod(home.path().c_str(), 0500) == 0);
  {
    const AsNobody nobody;
    CHECK(keys::save(some_keys(), alice(), home.path() / "a.atKeys").error().code() == Errc::busy);
  }
  REQUIRE(::chmod(home.path().c_str(), 0700) == 0);
  CHECK(entries(home.path()) == 1);
}

TEST_CASE("a missing key file is an atSign that is not set up", "[keys][keyfile]") {
  const test::TempFolder home;
  write(home.path() / "file", "x");
  const auto name = GENERATE(as<std::string>{}, "none.atKeys", "none/none.atKeys", "file/a.atKeys");
  const auto path = home.path() / name;
  const auto error = load_error(path);
  CHECK(error.code() == Errc::not_set_up);
  CHECK(error.hop() == Hop::local);
  CHECK(error.what() ==
        "reading the keys of @alice from " + path.string() + ": there is no such file");
  CHECK(error.hint() == "run: at_activate onboard -a @alice, or copy the key file there");
}

TEST_CASE("a key file that others may read or change is refused", "[keys][keyfile][hostile]") {
  const test::TempFolder home;
  const auto name = GENERATE(as<std::string>{}, "@alice_key.atKeys", "it's mine.atKeys");
  const auto path = home.path() / name;
  const mode_t permissions = GENERATE(as<mode_t>{}, 0640, 0604, 0660, 0602, 0610, 0777);
  write(path, dart_text(), permissions);
  const auto error = load_error(path);
  CHECK(error.code() == Errc::config);
  const auto folder = home.path().string();
  CHECK(error.hint() == (name[0] == '@' ? "run: chmod 600 " + path.string()
                                        : "run: chmod 600 '" + folder + "/it'\\''s mine.atKeys'"));
  REQUIRE(::chmod(path.c_str(), 0400) == 0);
  CHECK(keys::load(path, alice()));
}

TEST_CASE("a key file that others may read is taken when the operator insists", "[keys][keyfile]") {
  const test::TempFolder home;
  const auto path = home.path() / "a.atKeys";
  write(path, dart_text(), 0644);
  CHECK(keys::load(path, alice(), {nullptr, true}));
  CHECK_FALSE(keys::load(path, alice(), {nullptr, false}));
  write(path, "", 0644);
  CHECK_FALSE(keys::load(path, alice(), {nullptr, true}));
}

TEST_CASE("save replaces a file when told to, and leaves nothing beside it", "[keys][keyfile]") {
  const test::TempFolder home;
  const auto path = home.path() / "a.atKeys";
  const auto target = home.path() / "target";
  const bool is_link = GENERATE(false, true);
  write(is_link ? target : path, "old", 0644);
  if (is_link) fs::create_symlink(target, path);
  keys::Saving how;
  how.replace = true;
  REQUIRE(keys::save(some_keys(), alice(), path, how));
  CHECK(content(path) == dart_text());
  CHECK(mode(path) == 0600);
  CHECK_FALSE(fs::is_symlink(path));
  CHECK(entries(home.path()) == (is_link ? 2 : 1));
  if (is_link) CHECK(content(target) == "old");
  fs::create_directory(home.path() / "folder");
  CHECK(keys::save(some_keys(), alice(), home.path() / "folder", how).error().code() == Errc::io);
}

TEST_CASE("what is saved under a passphrase opens with it alone", "[keys][keyfile][envelope]") {
  const test::TempFolder home;
  const auto form = GENERATE(keys::EnvelopeForm::v0, keys::EnvelopeForm::v1);
  const crypto::Secret passphrase("abcd");
  const crypto::Secret wrong("abce");
  keys::Saving how;
  how.passphrase = &passphrase;
  how.form = form;
  const auto path = home.path() / "a.atKeys";
  const auto other = home.path() / "b.atKeys";
  REQUIRE(keys::save(some_keys(), alice(), path, how));
  REQUIRE(keys::save(some_keys(), alice(), other, how));
  CHECK(mode(path) == 0600);
  const auto envelope = keys::decode_envelope(content(path));
  REQUIRE(envelope);
  CHECK(envelope->form == form);
  CHECK(keys::decode_envelope(content(other))->iv != envelope->iv);
  const auto keys = keys::load(path, alice(), {&passphrase, false});
  REQUIRE(keys);
  CHECK(keys::encode(*keys, alice()).text() == dart_text());
  CHECK(keys::load(path, alice(), {&wrong, false}).error().what() ==
        "reading the keys of @alice from " + path.string() + ": " +
            std::string(keys::kWrongPassphrase));
}

TEST_CASE("save takes no passphrase that nobody could type again", "[keys][keyfile][hostile]") {
  const test::TempFolder home;
  const auto text = GENERATE(as<std::string>{}, "", "\xff");
  const crypto::Secret passphrase(text);
  keys::Saving how;
  how.passphrase = &passphrase;
  const auto saved = keys::save(some_keys(), alice(), home.path() / "a.atKeys", how);
  REQUIRE_FALSE(saved);
  CHECK(saved.error().code() == Errc::config);
  CHECK(entries(home.path()) == 0);
}

TEST_CASE("what is no key file is a matter of configuration", "[keys][keyfile][hostile]") {
  const test::TempFolder home;
  const auto path = home.path() / "a.atKeys";
  const auto says = [&](const std::string& why) {
    const auto error = load_error(path);
    CHECK(error.code() == Errc::config);
    CHECK(error.what() == "reading the keys of @alice from " + path.string() + ": " + why);
  };
  SECTION("a directory") {
    fs::create_directory(path);
    says("it is a directory");
  }
  SECTION("a named pipe") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    says("it is no regular file");
  }
  SECTION("an empty file") {
    write(path, "");
    says("it is empty");
  }
  SECTION("a large file") {
    write(path, std::string(keys::kMaxKeyFile + 1, ' '));
    says("it is longer than 1 MiB, so it is no key file");
  }
  SECTION("no JSON") {
    write(path, "-----BEGIN OPENSSH PRIVATE KEY-----");
    says("not a JSON object");
  }
  SECTION("a passphrase") {
    write(path, test::vector_text("alice_key.passphrase-v1.atKeys"));
    says("the key file is protected with a passphrase, and none was given");
  }
  SECTION("the keys of another atSign") {
    auto text = dart_text();
    text.replace(text.find("\"@alice\""), 8, "\"@mallory\"");
    write(path, text);
    says("these are not the keys of @alice");
  }
}

TEST_CASE("a key file that we may not open is forbidden, not missing", "[keys][keyfile]") {
  const test::TempFolder home;
  const auto path = home.path() / "a.atKeys";
  write(path, dart_text(), 0000);
  const AsNobody nobody;
  CHECK(load_error(path).code() == Errc::busy);
}

TEST_CASE("a loop of links is an error of the file system", "[keys][keyfile][hostile]") {
  const test::TempFolder home;
  fs::create_symlink("a.atKeys", home.path() / "a.atKeys");
  CHECK(load_error(home.path() / "a.atKeys").code() == Errc::io);
}
