// SPDX-License-Identifier: BSD-3-Clause
// The commands of cli-and-packaging.md 1.3, 2.4 and 3.1 to 3.4 as users type them.
#include "sshnp/options.hpp"

#include <catch2/catch.hpp>

#include "examples.hpp"
#include "sshnp/ssh_command.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using apps::sshnp::Options;
using namespace std::chrono_literals;

namespace {

Result<Options> read(std::vector<std::string> args) {
  Options options;
  auto parsed = apps::parse(apps::sshnp::program(options), args);
  if (!parsed) return fail(std::move(parsed).error());
  if (auto checked = apps::sshnp::check(options); !checked) return fail(std::move(checked).error());
  return options;
}

Result<Options> read_more(std::vector<std::string> more) {
  std::vector<std::string> args{"-f", "@alice_client", "-t", "@alice_device", "-r", "@rv_am"};
  args.insert(args.end(), more.begin(), more.end());
  return read(args);
}

std::string command_of(std::vector<std::string> more, const std::string& user) {
  const auto options = read_more(std::move(more));
  REQUIRE(options);
  return apps::sshnp::as_line(apps::sshnp::ssh_command(*options, 58358, user));
}

}  // namespace

TEST_CASE("sshnp: the documented commands", "[apps][sshnp]") {
  const auto plain = read({"-f", "@alice_client", "-t", "@alice_device", "-d", "my_server", "-r",
                           "@rv_am", "-i", "id_ed25519", "-u", "bob", "-U", "bob"});
  REQUIRE(plain);
  CHECK(plain->device->str() == "my_server");
  CHECK(plain->identity == "id_ed25519");
  CHECK(plain->user == "bob");
  CHECK_FALSE(plain->is_device_implied);

  const auto script = read({"--from", "@c", "--to", "@h", "--srvd", "@r", "--remote-user-name", "u",
                            "--output-execution-command", "--idle-timeout", "90", "--device", "d1",
                            "--local-port", "2200"});
  REQUIRE(script);
  CHECK(script->print_command);
  CHECK(script->idle == 90s);
  CHECK(script->local_port == 2200);

  const auto socks = read(
      {"-f", "@my_client", "-t", "@my_device", "-h", "@rv_am", "-d", "my_pi", "-o", "-D 1080"});
  REQUIRE(socks);
  CHECK(socks->relay->str() == "@rv_am");
  CHECK(socks->ssh_options == std::vector<std::string>{"-D 1080"});

  // What the PuTTY profiles run.
  const auto putty = read({"-f", "@c", "-t", "@d", "-d", "dev", "-r", "@r", "-l", "2222", "-i",
                           "C:/keys/id", "-u", "bob", "-x"});
  REQUIRE(putty);
  CHECK(apps::sshnp::as_line(apps::sshnp::ssh_command(*putty, 2222, putty->user)) ==
        "ssh -p 2222 -o StrictHostKeyChecking=accept-new -o IdentitiesOnly=yes bob@localhost -i "
        "C:/keys/id");
}

TEST_CASE("sshnp: -r wins over -h, and the device has a default", "[apps][sshnp]") {
  const auto options = read_more({"-h", "@old"});
  REQUIRE(options);
  CHECK(options->relay->str() == "@rv_am");
  CHECK(options->device->str() == "default");
  CHECK(options->is_device_implied);
}

TEST_CASE("sshnp: combinations that the reference's two parsers break on", "[apps][sshnp]") {
  const auto options = read_more({"--ssh-client=openssh", "-xq", "--no-ad", "--no-ac", "--no-et"});
  REQUIRE(options);
  CHECK(options->print_command);
  CHECK(options->quiet);
  CHECK_FALSE(options->authenticate_device);
  CHECK_FALSE(options->authenticate_client);
  CHECK_FALSE(options->encrypt);
}

TEST_CASE("sshnp: the ssh command has the reference's order", "[apps][sshnp]") {
  CHECK(command_of({}, "") == "ssh -p 58358 localhost");
  CHECK(command_of({}, "bob") == "ssh -p 58358 bob@localhost");
  CHECK(command_of({"-i", "/k/id", "-o", "-L 8080:0:8080,-D 1080"}, "bob") ==
        "ssh -p 58358 -o StrictHostKeyChecking=accept-new -o IdentitiesOnly=yes -L 8080:0:8080 "
        "-D 1080 bob@localhost -i /k/id");
}

TEST_CASE("sshnp: an option of -o is one word for ssh", "[apps][sshnp]") {
  const auto options = read_more({"-o", "-o RemoteCommand=exit 42", "-o", "-T"});
  REQUIRE(options);
  const auto words = apps::sshnp::ssh_command(*options, 1, "bob");
  CHECK(words == std::vector<std::string>{"ssh", "-p", "1", "-o RemoteCommand=exit 42", "-T",
                                          "bob@localhost"});
}

TEST_CASE("sshnp: -s reads the public key beside the identity", "[apps][sshnp]") {
  const std::string key =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
  test::TempFolder folder;
  const auto identity = (folder.path() / "id").string();
  const auto missing = read_more({"-s", "-i", identity});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().what() == "reading the identity " + identity +
                                      ": there is neither this file nor " + identity + ".pub");
  folder.write("id", "no key\n");
  const auto useless = read_more({"-s", "-i", identity});
  REQUIRE_FALSE(useless);
  CHECK(useless.error().what() ==
        "reading the identity " + identity + ": ssh-keygen finds no key in it");
  folder.write("id.pub", key + " me@here\n");
  const auto found = read_more({"-s", "-i", identity});
  REQUIRE(found);
  CHECK(found->public_key->str() == key);
  folder.write("id.pub", key + "\n" + key + "\n");
  CHECK_FALSE(read_more({"-s", "-i", identity}));
  CHECK_FALSE(read_more({"-s"}));
}

TEST_CASE("sshnp: what cannot stand in ssh's command is refused", "[apps][sshnp][hostile]") {
  const auto [args, part] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"-u", "-oProxyCommand=x"}, "--remote-user-name"},
      {{"-u", "bob;id"}, "--remote-user-name"},
      {{"-u", "bob smith"}, "--remote-user-name"},
      {{"-o", "-L 1\n-L 2"}, "--local-ssh-options"},
      {{"-i", "a\nb"}, "--identity-file"},
      {{"--stdio", "-x"}, "mutually exclusive"},
      {{"-l", "65536"}, "--local-port"},
  }));
  CAPTURE(args);
  const auto options = read_more(args);
  REQUIRE_FALSE(options);
  CHECK(options.error().code() == Errc::config);
  CHECK(options.error().what().find(part) != std::string::npos);
}

TEST_CASE("sshnp: a relay is mandatory", "[apps][sshnp]") {
  const auto options = read({"-f", "@a", "-t", "@b"});
  REQUIRE_FALSE(options);
  CHECK(options.error().what() == "--srvd is mandatory, unless --list-devices is given");
}

// check() is left out: it reads the public key of -s.
TEST_CASE("sshnp: the examples of the man page", "[apps][sshnp]") {
  Options unused;
  for (const auto& args : test::examples_of(apps::sshnp::program(unused))) {
    CAPTURE(args);
    Options options;
    const auto parsed = apps::parse(apps::sshnp::program(options), args);
    REQUIRE(parsed);
    CHECK(parsed->positional.empty());
    CHECK((options.list_devices || options.relay->str() == "@rv_am"));
  }
}
