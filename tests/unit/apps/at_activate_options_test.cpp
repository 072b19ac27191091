// SPDX-License-Identifier: BSD-3-Clause
#include <catch2/catch.hpp>
#include <fstream>

#include "at_activate/options.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using namespace noports::apps::at_activate;

namespace {

struct Read {
  Options options;
  Result<apps::Parsed> parsed = fail(Errc::io, "not parsed");

  explicit Read(const std::vector<std::string>& args) {
    parsed = apps::parse(describe(options), args);
  }
  Result<void> checked() const {
    if (!parsed) return fail(parsed.error());
    return check(options, parsed->positional);
  }
};

Result<void> command(std::vector<const char*> words) {
  return check_command(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("at_activate takes what the reference takes for onboard", "[apps][at_activate]") {
  Read read({"onboard", "-a", "Alice", "-c", "s3cret", "-k", "/tmp/k", "-r", "dir.example:6400"});
  REQUIRE(read.checked());
  CHECK(read.options.atsign->str() == "@alice");
  CHECK(read.options.cramkey.text() == "s3cret");
  CHECK(*read.options.key_file == "/tmp/k");
  CHECK(read.options.directory.host == "dir.example");
  CHECK(read.options.directory.port == 6400);
  CHECK(read.options.retries == 50);
}

TEST_CASE("the old form without a command, and old names, mean onboard", "[apps][at_activate]") {
  for (const auto* name : {"--rootServer", "--root-server", "--root-domain"}) {
    Read read({"-a", "@alice", "--license-key=s3cret", name, "localhost"});
    REQUIRE(read.checked());
    CHECK(read.options.directory.host == "localhost");
    CHECK(read.options.directory.port == 64);
  }
}

TEST_CASE("a proxy is a directory that is not asked", "[apps][at_activate]") {
  Read read({"-a", "@alice", "-c", "x", "-r", "proxy:proxy.example.org:443"});
  REQUIRE(read.checked());
  CHECK(read.options.directory.host == "proxy:proxy.example.org");
  CHECK(read.options.directory.port == 443);
}

TEST_CASE("onboard without a secret, or with two, is refused", "[apps][at_activate]") {
  CHECK(Read({"onboard", "-a", "@alice"}).checked().error().code() == Errc::config);
  CHECK_FALSE(Read({"-a", "@alice", "-c", "x", "--cramkey-file", "y"}).checked());
  CHECK_FALSE(Read({"-c", "x"}).checked());
  CHECK_FALSE(Read({"onboard", "more", "-a", "@alice", "-c", "x"}).checked());
  CHECK_FALSE(Read({"onbord", "-a", "@alice", "-c", "x"}).checked());
  CHECK_FALSE(Read({"-a", "@alice", "-c", "x", "--max-retries", "-1"}).checked());
}

TEST_CASE("commands that are not made yet are known by name", "[apps][at_activate]") {
  for (const auto* word : {"otp", "enroll", "approve", "list", "status"}) {
    const auto known = command({"at_activate", word, "--any", "thing"});
    REQUIRE_FALSE(known);
    CHECK(known.error().what().find("not available in this version yet") != std::string::npos);
  }
  CHECK(command({"at_activate", "onboard"}));
  CHECK(command({"at_activate", "-a", "@alice"}));
  CHECK(command({"at_activate"}));  // parsing says what is missing
}

TEST_CASE("the secret is wiped from the command line", "[apps][at_activate][hostile]") {
  std::vector<std::string> words{"at_activate", "-a", "@alice", "-c", "s3cret", "--cramkey=s3cret"};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  Options options;
  options.cramkey = crypto::Secret("s3cret");
  hide_secret(options, static_cast<int>(argv.size()), argv.data());
  for (const auto& word : words) CHECK(word.find("s3cret") == std::string::npos);
  CHECK(words[2] == "@alice");
  CHECK(std::string(words[5].c_str()) == "--cramkey=");
}

TEST_CASE("the secret is read from a file without the blanks around it", "[apps][at_activate]") {
  test::TempFolder folder;
  Options options;
  options.cramkey_file = folder.write("secret", "  s3cret\r\n");
  CHECK(read_secret(options)->text() == "s3cret");
  for (const auto* text : {"", " \n", "two words", "a\x01z"}) {
    options.cramkey_file = folder.write("secret", text);
    CHECK(read_secret(options).error().code() == Errc::config);
  }
  options.cramkey_file = folder.write("secret", std::string(5000, 'x'));
  CHECK_FALSE(read_secret(options));
  options.cramkey_file = folder.path() / "none";
  CHECK_FALSE(read_secret(options));
}
