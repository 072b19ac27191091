// SPDX-License-Identifier: BSD-3-Clause
// cli-and-packaging.md 1.3.1
#include "common/env_file.hpp"

#include <catch2/catch.hpp>

#include "common/shared_options.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using apps::decode_settings;
using apps::Setting;

namespace {

struct Table {
  std::optional<at::Atsign> from;
  std::uint16_t port = 7;
  bool send = false, encrypt = true;
  std::vector<std::string> list;
  apps::Program program;

  Table() {
    program.name = "x";
    program.options = {apps::atsign_option("-f,--from", from, ""),
                       apps::port_option("-l,--local-port", port, 0, ""),
                       apps::flag_option("-s,--send-ssh-public-key", send, ""),
                       apps::encrypt_option(encrypt)};
    apps::Option option;
    option.names = "-o,--local-ssh-options";
    option.kind = apps::Option::Kind::list;
    option.set = [this](const std::string& value) {
      list.push_back(value);
      return Result<void>();
    };
    program.options.push_back(option);
  }
  Result<std::vector<std::string>> apply(std::string_view text,
                                         const std::vector<std::string>& skipped = {}) {
    return apps::apply_settings(program, decode_settings(text), "f.env", skipped);
  }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a line of a configuration file is split at its first =", "[apps]") {
  CHECK(decode_settings("FROM=@a\n TO = @b \n") ==
        std::vector<Setting>{{"FROM", "@a", 1}, {"TO", "@b", 2}});
  CHECK(decode_settings("X=-o A=b") == std::vector<Setting>{{"X", "-o A=b", 1}});
  CHECK(decode_settings("A=\"x y\"\nB='z'\r\nC=\"x'\nD=\"") ==
        std::vector<Setting>{{"A", "x y", 1}, {"B", "z", 2}, {"C", "\"x'", 3}, {"D", "\"", 4}});
  CHECK(decode_settings("#A=1\n\n  # B=1\nC") == std::vector<Setting>{{"", "", 4}});
}

TEST_CASE("the reference's configuration lines have their effect", "[apps]") {
  Table table;
  const auto remarks = table.apply(
      "FROM=@alice_client\nLOCAL_SSH_OPTIONS=-L 8080:0:8080,-D 1080\n"
      "LOCAL_SSH_OPTIONS=-o ServerAliveInterval=30\nSEND_SSH_PUBLIC_KEY=True\nLOCAL_PORT= 22 \n"
      "ENCRYPT_RVD_TRAFFIC=false\n#COMMENT=1\n");
  REQUIRE(remarks);
  CHECK(remarks->empty());
  CHECK(table.from->str() == "@alice_client");
  CHECK(table.list == Words{"-L 8080:0:8080", "-D 1080", "-o ServerAliveInterval=30"});
  CHECK(table.send);
  CHECK(table.port == 22);
  CHECK_FALSE(table.encrypt);
}

TEST_CASE("flags are true by several words, and aliases are keys", "[apps]") {
  const auto word = GENERATE(as<std::string>{}, "true", "TRUE", "1", "yes", "On");
  Table table;
  table.encrypt = false;
  REQUIRE(table.apply("SEND_SSH_PUBLIC_KEY=" + word + "\nET=" + word));
  CHECK(table.send);
  CHECK(table.encrypt);
}

TEST_CASE("any other word turns a flag off, and an empty value changes nothing", "[apps]") {
  const auto word = GENERATE(as<std::string>{}, "false", "0", "no", "x", "");
  Table table;
  REQUIRE(table.apply("SEND_SSH_PUBLIC_KEY=" + word + "\nET=" + word + "\nLOCAL_PORT=\n"));
  CHECK_FALSE(table.send);
  CHECK_FALSE(table.encrypt);
  CHECK(table.port == 7);
}

TEST_CASE("lines without effect are told with their place", "[apps]") {
  Table table;
  const auto remarks =
      table.apply("NONSENSE=1\nwords\nPORT=1\nPROFILE_NAME=x\nCONFIG_FILE=y\nf=@a\n");
  REQUIRE(remarks);
  CHECK(*remarks == Words{"f.env:1: NONSENSE is unknown",
                          "f.env:2: want KEY=VALUE; the line is passed over",
                          "f.env:5: CONFIG_FILE is unknown", "f.env:6: f is unknown"});
}

TEST_CASE("a value that cannot be is refused with its place", "[apps][hostile]") {
  const auto [text, what] = GENERATE(table<std::string, std::string>({
      {"\nLOCAL_PORT=abc", "f.env:2: LOCAL_PORT: abc is no port, want 0 to 65535"},
      {"LOCAL_PORT=65536", "f.env:1: LOCAL_PORT: 65536 is no port, want 0 to 65535"},
  }));
  Table table;
  const auto remarks = table.apply(text);
  REQUIRE_FALSE(remarks);
  CHECK(remarks.error().code() == Errc::config);
  CHECK(remarks.error().what() == what);
  CHECK_FALSE(table.apply("FROM=@a b"));
  CHECK_FALSE(table.apply("FROM=@\x1b"));
}

TEST_CASE("what is skipped is left to the command line", "[apps]") {
  Table table;
  REQUIRE(table.apply("LOCAL_SSH_OPTIONS=-D 1\nLOCAL_PORT=9", {"--local-ssh-options"}));
  CHECK(table.list.empty());
  CHECK(table.port == 9);
}

TEST_CASE("a profile is a file in its folder and nowhere else", "[apps][hostile]") {
  CHECK(apps::profile_path("/h", "my server").value() == "/h/.sshnp/config/my_server.env");
  for (const auto* name : {"", ".", "..", "../x", "a/b", ".x", "a\nb", "\xff"}) {
    CAPTURE(name);
    CHECK_FALSE(apps::profile_path("/h", name));
  }
}

TEST_CASE("a configuration file that is missing or huge is an error", "[apps][hostile]") {
  test::TempFolder folder;
  CHECK(apps::read_env_file(folder.path() / "none").error().code() == Errc::config);
  folder.write("big", std::string(300'000, '#'));
  CHECK_FALSE(apps::read_env_file(folder.path() / "big"));
  folder.write("some", "A=1\n");
  CHECK(apps::read_env_file(folder.path() / "some").value() == "A=1\n");
}
