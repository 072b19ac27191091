// SPDX-License-Identifier: BSD-3-Clause
#include "noports/daemon/authorized_keys.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "support/temp_folder.hpp"

using namespace noports;
namespace fs = std::filesystem;

namespace {

struct Home {
  Home() : path(folder.path()), file(path / ".ssh" / "authorized_keys") {}
  std::string read() const {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  void write(const std::string& text) const {
    fs::create_directory(file.parent_path());
    std::ofstream(file) << text;
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()));
  }
  test::TempFolder folder;
  fs::path path, file;
};

// A key blob of ssh-ed25519 whose 32 bytes are all `fill`.
proto::SshPublicKey key(char fill = 'A') {
  static const std::string kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // 51 bytes: length, "ssh-ed25519", length 32, then the bytes; multiples of three encode evenly.
  std::string blob = std::string("\0\0\0\x0bssh-ed25519\0\0\0\x20", 19) + std::string(32, fill);
  std::string text;
  for (std::size_t i = 0; i < blob.size(); i += 3) {
    const auto at = [&](std::size_t n) -> unsigned {
      return static_cast<unsigned char>(blob[i + n]);
    };
    const unsigned bits = at(0) << 16 | at(1) << 8 | at(2);
    for (const int shift : {18, 12, 6, 0}) text += kAlphabet[bits >> shift & 63];
  }
  return *proto::SshPublicKey::parse("ssh-ed25519 " + text);
}

const at::Atsign kBoss = *at::Atsign::parse("@boss");

}  // namespace

TEST_CASE("a shared key gets a line of its own", "[daemon][keys]") {
  Home home;
  home.write("ssh-rsa AAAA without-end-of-line");
  REQUIRE(daemon::share_key(home.file, key(), "", kBoss));
  const auto text = home.read();
  CHECK(text.starts_with("ssh-rsa AAAA without-end-of-line\n" + key().str()));
  CHECK(text.ends_with("\n"));
  CHECK(home.entries() == 1);  // no lock, nothing beside
}

TEST_CASE("the same key is added once", "[daemon][keys]") {
  Home home;
  REQUIRE(daemon::share_key(home.file, key(), "", kBoss));
  const auto once = home.read();
  REQUIRE(daemon::share_key(home.file, key(), "no-pty", kBoss));
  CHECK(home.read() == once);
}

TEST_CASE("permissions stand in front of the key", "[daemon][keys]") {
  Home home;
  REQUIRE(daemon::share_key(home.file, key(), "no-pty,restrict", kBoss));
  CHECK(home.read().starts_with("no-pty,restrict ssh-ed25519 "));
  CHECK_FALSE(daemon::share_key(home.file, key('B'), "a\nb", kBoss));
}

TEST_CASE("mode and owner of the file stay, a new one is private", "[daemon][keys][hostile]") {
  Home home;
  struct stat seen {};
  REQUIRE(daemon::share_key(home.file, key(), "", kBoss));
  REQUIRE(::stat(home.file.c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0600);
  REQUIRE(::stat(home.file.parent_path().c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0700);
  fs::permissions(home.file, fs::perms(0640));
  REQUIRE(daemon::share_key(home.file, key('B'), "", kBoss));
  REQUIRE(::stat(home.file.c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0640);
}

TEST_CASE("a link is followed, not replaced", "[daemon][keys][hostile]") {
  Home home;
  fs::create_directory(home.path / ".ssh");
  std::ofstream(home.path / "elsewhere") << "";
  fs::create_symlink(home.path / "elsewhere", home.file);
  REQUIRE(daemon::share_key(home.file, key(), "", kBoss));
  CHECK(fs::is_symlink(home.file));
  CHECK(fs::file_size(home.path / "elsewhere") > 60);
}

TEST_CASE("two writers at once lose no key", "[daemon][keys][hostile]") {
  Home home;
  std::vector<std::thread> writers;
  for (char fill = 'a'; fill < 'k'; ++fill) {
    writers.emplace_back([&home, shared = key(fill)] {
      const auto added = daemon::share_key(home.file, shared, "", kBoss);
      if (!added) std::abort();
    });
  }
  for (auto& writer : writers) writer.join();
  const auto text = home.read();
  for (char fill = 'a'; fill < 'k'; ++fill) CHECK(text.find(key(fill).str()) != text.npos);
}

TEST_CASE("a file that cannot be read is left alone", "[daemon][keys][hostile]") {
  Home home;
  fs::create_directories(home.file);  // a folder where the file should be
  CHECK_FALSE(daemon::share_key(home.file, key(), "", kBoss));
  CHECK(fs::is_directory(home.file));
}
