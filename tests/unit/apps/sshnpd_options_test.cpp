// SPDX-License-Identifier: BSD-3-Clause
#include "sshnpd/options.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

#include "examples.hpp"
#include "sshnpd/config.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using apps::sshnpd::Options;

namespace {

Result<Options> parsed(std::vector<std::string> args) {
  Options options;
  const auto done = apps::parse(apps::sshnpd::describe(options), args);
  if (!done) return fail(done.error());
  if (auto usable = apps::sshnpd::complete(options); !usable) return fail(usable.error());
  return options;
}

}  // namespace

TEST_CASE("sshnpd: the examples of the man page", "[apps][sshnpd]") {
  Options unused;
  for (const auto& args : test::examples_of(apps::sshnpd::describe(unused))) {
    CAPTURE(args);
    Options options;
    const auto parsed = apps::parse(apps::sshnpd::describe(options), args);
    REQUIRE(parsed);
    CHECK(parsed->positional.empty());
    CHECK(apps::sshnpd::complete(options));
  }
}

// cli-and-packaging.md 1.5
TEST_CASE("sshnpd: somebody must be let in", "[apps][sshnpd]") {
  const auto nobody = parsed({"-a", "@device"});
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().what() ==
        "At least one of --managers and --policy-manager options must be supplied.");
  CHECK(parsed({"-a", "@device", "-m", "ann, Bob"})->managers.size() == 2);
  CHECK(parsed({"-a", "@device", "-p", "Poli.cy"})->policy->str() == "@policy");
}

TEST_CASE("sshnpd: with a policy service everything is permitted here, unless it is said",
          "[apps][sshnpd]") {
  const std::vector<std::string> usual = {"localhost:22", "localhost:3389"};
  CHECK(parsed({"-a", "@device", "-m", "@ann"})->permit.texts() == usual);
  CHECK(parsed({"-a", "@device", "-p", "@policy"})->permit.texts() ==
        std::vector<std::string>{"*:*"});
  CHECK(parsed({"-a", "@device", "-p", "@policy", "--po", "db:5432"})->permit.texts() ==
        std::vector<std::string>{"db:5432"});
  CHECK(parsed({"-a", "@device", "-p", "@policy", "--permit-open="})->permit.empty());
  CHECK_FALSE(parsed({"-a", "@device", "-m", "@ann", "--permit-open", "localhost:0"}));
}

namespace {

// What a file, and a command line above it, come to.
Result<Options> loaded(const std::string& yaml, std::vector<std::string> args = {}) {
  static test::TempFolder folder;
  const auto file = folder.write("sshnpd.yaml", yaml);
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  args.insert(args.begin(), {"--config", file.string()});
  auto made = apps::sshnpd::load(args);
  if (made) return made;
  auto what = made.error().what();
  const auto path = what.find(file.string());
  if (path != what.npos) what.replace(path, file.string().size(), "FILE");
  return fail(made.error().code(), what);
}

std::string wrong(const std::string& yaml) {
  const auto made = loaded(yaml);
  return made ? "it is taken" : made.error().what();
}

constexpr const char* kWhole = R"(# as the reference's template
atsign:
  atsign: "@device"
  keys: /etc/noports/device.atKeys
  root: root.example.net:64
access:
  managers:
    - "@ann"
    - bob
  policy: "@policy"
  permitopen: [ "localhost:22", "[::1]:80", "10.0.0.0/8:1-1024" ]
device:
  name: My Device
  group: sensors
  hide: yes
ssh:
  add-publickeys: true
  sshd-port: 2222
  publickey-permissions:
    - no-pty
    - restrict
  client: openssh
  algorithm:
runtime:
  storage-path: /var/lib/x
  strict: true
)";

}  // namespace

// cli-and-packaging.md 1.5.2
TEST_CASE("sshnpd: a configuration file says what options say", "[apps][sshnpd][config]") {
  const auto made = loaded(kWhole);
  REQUIRE(made);
  CHECK(made->atsign->str() == "@device");
  CHECK(made->key_access.file->string() == "/etc/noports/device.atKeys");
  CHECK(made->directory.host == "root.example.net");
  CHECK(made->managers.size() == 2);
  CHECK(made->policy->str() == "@policy");
  CHECK(made->permit.texts() ==
        std::vector<std::string>{"localhost:22", "[::1]:80", "10.0.0.0/8:1-1024"});
  CHECK(made->device->str() == "my_device");
  CHECK(made->device_group == "sensors");
  CHECK(made->hide);
  CHECK(made->accepts_public_keys);
  CHECK(made->ssh_port == 2222);
  CHECK(made->key_permissions == "no-pty,restrict");
  const auto& unused = made->without_effect;
  CHECK(unused.size() == 3);
  CHECK(std::set<std::string>(unused.begin(), unused.end()) ==
        std::set<std::string>{"--ssh-client", "--storage-path", "--strict"});
}

TEST_CASE("sshnpd: the command line wins over the file", "[apps][sshnpd][config]") {
  const auto made = loaded(kWhole, {"-m", "@carol", "-m", "@dan", "-d", "lab", "--no-hide", "--po",
                                    "localhost:443", "--no-sshpublickey"});
  REQUIRE(made);
  CHECK(made->managers ==
        std::set<at::Atsign>{*at::Atsign::parse("@carol"), *at::Atsign::parse("@dan")});
  CHECK(made->device->str() == "lab");
  CHECK_FALSE(made->hide);
  CHECK_FALSE(made->accepts_public_keys);
  CHECK(made->permit.texts() == std::vector<std::string>{"localhost:443"});
  CHECK(made->policy->str() == "@policy");
}

TEST_CASE("sshnpd: what is wrong in the file is told with its line",
          "[apps][sshnpd][config][hostile]") {
  const std::string good = "atsign:\n  atsign: '@device'\n";
  CHECK(wrong(good + "access:\n  manager: '@ann'\n") ==
        "FILE:4: unknown key access/manager; access has managers, permitopen, policy");
  CHECK(wrong(good + "acess:\n  managers: '@ann'\n") ==
        "FILE:3: unknown section acess; there are access, atsign, device, runtime, ssh");
  CHECK(wrong(good + "access:\n  managers: ['@ann', 'a b']\n")
            .starts_with("FILE:4: access/managers: "));
  CHECK(wrong(good + "access:\n  permitopen:\n    - localhost:0\n").find("localhost:0") !=
        std::string::npos);
  CHECK(wrong(good + "device:\n  hide: maybe\n") == "FILE:4: device/hide: want true or false");
  CHECK(wrong(good + "device:\n  hide: [true]\n") == "FILE:4: device/hide: want true or false");
  CHECK(wrong(good + "device:\n  name: {a: b}\n") ==
        "FILE:4: device/name wants a value, or a list of values");
  CHECK(wrong(good + "device:\n  name: a\n  name: b\n") == "FILE:5: device/name stands here twice");
  CHECK(wrong(good + "ssh:\n  sshd-port: 70000\n").starts_with("FILE:4: ssh/sshd-port: "));
  CHECK(wrong(good + "access: [\n").starts_with("FILE:"));
  CHECK(wrong("just a text").starts_with("FILE:1: "));
  CHECK(
      wrong(good) ==
      "FILE and the command line: At least one of --managers and --policy-manager options must be "
      "supplied.");
  CHECK(wrong("access:\n  managers: '@ann'\n").find("--atsign is mandatory") != std::string::npos);
  CHECK_FALSE(apps::sshnpd::load({"--config", "/nonexistent/sshnpd.yaml", "-a", "@d", "-m", "@m"}));
}

TEST_CASE("sshnpd: a file of others that has a passphrase is not taken",
          "[apps][sshnpd][config][hostile]") {
  test::TempFolder folder;
  const auto file =
      folder.write("sshnpd.yaml",
                   "atsign:\n  atsign: '@device'\n  passphrase: secret\naccess:\n  managers: '@m'");
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  const auto open = apps::sshnpd::load({"--config", file.string()});
  REQUIRE_FALSE(open);
  CHECK(open.error().hint() == "run: chmod 600 " + file.string());
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  const auto kept = apps::sshnpd::load({"--config", file.string()});
  REQUIRE(kept);
  CHECK(kept->key_access.passphrase->text() == "secret");
  CHECK(apps::sshnpd::to_yaml(*kept).find("secret") == std::string::npos);
}

TEST_CASE("sshnpd: the printed configuration is one that comes to the same",
          "[apps][sshnpd][config]") {
  const auto made = loaded(kWhole);
  REQUIRE(made);
  const auto printed = apps::sshnpd::to_yaml(*made);
  const auto again = loaded(printed);
  REQUIRE(again);
  CHECK(apps::sshnpd::to_yaml(*again) == printed);
  CHECK(again->permit == made->permit);
  CHECK(again->managers == made->managers);
  CHECK(apps::sshnpd::needs_restart(*made, *again).empty());
}

TEST_CASE("sshnpd: what is read again are the rules, and they stay", "[apps][sshnpd][config]") {
  test::TempFolder folder;
  const auto write = [&](const std::string& rest) {
    return folder.write("sshnpd.yaml", "atsign:\n  atsign: '@device'\n" + rest).string();
  };
  const auto file = write("access:\n  managers: ['@ann', '@bob']\n");
  const std::vector<std::string> args{"--config", file, "-P", "a secret", "--no-hide"};
  auto running = apps::sshnpd::load(args);
  REQUIRE(running);
  CHECK(running->key_access.passphrase->text() == "a secret");
  const auto kept = apps::sshnpd::without_secrets(args);
  for (const auto& word : kept) CHECK(word.find("secret") == std::string::npos);

  write("access:\n  managers: '@bob'\n  permitopen: 'db:5432'\ndevice:\n  name: other\n");
  const auto others = apps::sshnpd::reload(kept, *running);
  REQUIRE(others);
  CHECK(*others == std::vector<std::string>{"device/name"});
  CHECK(running->managers == std::set<at::Atsign>{*at::Atsign::parse("@bob")});
  CHECK(running->permit.texts() == std::vector<std::string>{"db:5432"});
  CHECK(running->device->str() == "default");
  CHECK(running->key_access.passphrase->text() == "a secret");

  write("access:\n  managers: '@@'\n");
  const auto broken = apps::sshnpd::reload(kept, *running);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().what().find(":4: ") != std::string::npos);
  CHECK(running->managers.size() == 1);
}

TEST_CASE("sshnpd: a passphrase on the command line is taken and wiped from it",
          "[apps][sshnpd][hostile]") {
  std::vector<std::string> words{"sshnpd", "-a", "@device", "-m", "@ann", "-P", "open sesame"};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  const std::vector<std::string> typed(words.begin() + 1, words.end());
  Options scratch;
  const auto status =
      apps::begin(apps::sshnpd::describe(scratch), static_cast<int>(argv.size()), argv.data());
  CHECK_FALSE(status);
  CHECK(words[6].find("sesame") == std::string::npos);
  CHECK(apps::sshnpd::load(typed)->key_access.passphrase->text() == "open sesame");
}

TEST_CASE("sshnpd: the environment names the file where no option does", "[apps][sshnpd][config]") {
  test::TempFolder folder;
  const auto file = folder.write("x.yaml", "access:\n  managers: '@ann'\n");
  setenv("SSHNPD_CONFIG", file.c_str(), 1);
  const auto made = apps::sshnpd::load({"-a", "@device"});
  unsetenv("SSHNPD_CONFIG");
  REQUIRE(made);
  CHECK(made->managers.size() == 1);
}
