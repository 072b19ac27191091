// SPDX-License-Identifier: BSD-3-Clause
// Every spelling of cli-and-packaging.md 1.3, in the union of its generations.
#include <catch2/catch.hpp>

#include "sshnp/options.hpp"
#include "support/temp_folder.hpp"

using namespace noports;
using apps::sshnp::Options;
using Words = std::vector<std::string>;

namespace {

Result<Options> read(Words more) {
  Words args{"-f", "@a", "-t", "@b", "-r", "@r"};
  args.insert(args.end(), more.begin(), more.end());
  Options options;
  auto parsed = apps::parse(apps::sshnp::program(options), args);
  if (!parsed) return fail(std::move(parsed).error());
  if (auto checked = apps::sshnp::check(options); !checked) return fail(std::move(checked).error());
  return options;
}

}  // namespace

TEST_CASE("sshnp: every spelling is accepted", "[apps][sshnp]") {
  const auto words = GENERATE(values<Words>({
      {"-f", "@x"},
      {"--from", "@x"},
      {"-t", "@x"},
      {"--to", "@x"},
      {"-d", "x"},
      {"--device", "x"},
      {"-r", "@x"},
      {"--srvd", "@x"},
      {"--rvd", "@x"},
      {"-h", "@x"},
      {"--host", "@x"},
      {"-l", "0"},
      {"--local-port", "65535"},
      {"--remote-sshd-port", "22"},
      {"-i", "x"},
      {"--identity-file", "x"},
      {"--identity-passphrase", "x"},
      {"-o", "-D 1080"},
      {"--local-ssh-options", "-N"},
      {"--add-forwards-to-tunnel"},
      {"-u", "x"},
      {"--remote-user-name", "x"},
      {"-U", "x"},
      {"--tunnel-user-name", "x"},
      {"-v"},
      {"--verbose"},
      {"-q"},
      {"--quiet"},
      {"-x"},
      {"--output-execution-command"},
      {"-k", "x"},
      {"--key-file", "x"},
      {"--keyFile", "x"},
      {"--root-domain", "x"},
      {"--root-server", "x"},
      {"--idle-timeout", "90"},
      {"--ssh-client", "openssh"},
      {"--ssh-client=dart"},
      {"--ssh-algorithm", "ssh-ed25519"},
      {"--ssh-algorithm", "ssh-rsa"},
      {"--config-file", "x"},
      {"--profile", "x"},
      {"--list-devices"},
      {"--ls"},
      {"--authenticate-client-to-rvd"},
      {"--no-authenticate-client-to-rvd"},
      {"--ac"},
      {"--no-ac"},
      {"--authenticate-device-to-rvd"},
      {"--no-authenticate-device-to-rvd"},
      {"--ad"},
      {"--no-ad"},
      {"--encrypt-rvd-traffic"},
      {"--no-encrypt-rvd-traffic"},
      {"--et"},
      {"--no-et"},
      {"--daemon-ping-timeout", "5"},
      {"--dpt", "5"},
      {"--legacy-daemon"},
      {"--relay-auth-mode", "payload"},
      {"--ram", "escr"},
      {"--443"},
      {"--only-port", "443"},
      {"-P", "x"},
      {"--pass-phrase", "x"},
      {"--pss"},
      {"--no-pss"},
      {"--per-session-storage"},
      {"--no-per-session-storage"},
      {"--json"},
      {"--print-ssh-config"},
      {"--stdio"},
      {"--debug"},
  }));
  CAPTURE(words);
  CHECK(read(words));
}

TEST_CASE("sshnp: options without effect are remembered for a warning", "[apps][sshnp]") {
  const auto [words, name] = GENERATE(table<Words, std::string>({
      {{"--remote-sshd-port", "22"}, "--remote-sshd-port"},
      {{"-U", "x"}, "--tunnel-user-name"},
      {{"--add-forwards-to-tunnel"}, "--add-forwards-to-tunnel"},
      {{"--ssh-client", "dart"}, "--ssh-client"},
      {{"--ssh-algorithm", "ssh-rsa"}, "--ssh-algorithm"},
      {{"--identity-passphrase", "x"}, "--identity-passphrase"},
      {{"--legacy-daemon"}, "--legacy-daemon"},
      {{"--pss"}, "--per-session-storage"},
  }));
  CAPTURE(words);
  const auto options = read(words);
  REQUIRE(options);
  CHECK(options->without_effect == Words{name});
}

TEST_CASE("sshnp: what such an option cannot be is refused all the same",
          "[apps][sshnp][hostile]") {
  const auto words = GENERATE(values<Words>({{"--ssh-client", "putty"},
                                             {"--ssh-algorithm", "dsa"},
                                             {"--remote-sshd-port", "0"},
                                             {"--remote-sshd-port", "ssh"},
                                             {"-P", ""},
                                             {"--list-devices=yes"},
                                             {"--no-list-devices"}}));
  CAPTURE(words);
  CHECK_FALSE(read(words));
}

TEST_CASE("sshnp: what is the default is not warned about", "[apps][sshnp]") {
  const auto options = read({"--ssh-client", "openssh", "--ssh-algorithm", "ssh-ed25519"});
  REQUIRE(options);
  CHECK(options->without_effect.empty());
}

TEST_CASE("sshnp: the command line wins over the configuration file", "[apps][sshnp]") {
  test::TempFolder folder;
  const auto file = (folder.path() / "c.env").string();
  folder.write("c.env",
               "FROM=@file\nTO=@device\nSRVD=@relay\nLOCAL_PORT=7\nREMOTE_USER_NAME=bob\n"
               "LOCAL_SSH_OPTIONS=-D 1080\nIDLE_TIMEOUT=77\nVERBOSE=false\nNONSENSE=1\n");
  const auto with = [&](Words more) {
    Words args{"--config-file", file};
    args.insert(args.end(), more.begin(), more.end());
    auto options = std::make_unique<Options>();
    const auto program = apps::sshnp::program(*options);
    REQUIRE(apps::parse(program, args));
    const auto remarks = apps::sshnp::read_config(program, *options, args);
    REQUIRE(remarks);
    CHECK(*remarks == Words{file + ":9: NONSENSE is unknown"});
    REQUIRE(apps::sshnp::check(*options));
    return options;
  };
  const auto plain = with({});
  CHECK(plain->from->str() == "@file");
  CHECK(plain->to->str() == "@device");
  CHECK(plain->local_port == 7);
  CHECK(plain->user == "bob");
  CHECK(plain->idle == std::chrono::seconds(77));
  CHECK(plain->ssh_options == Words{"-D 1080"});
  const auto over = with({"-f", "@line", "-l", "8", "-o", "-N"});
  CHECK(over->from->str() == "@line");
  CHECK(over->local_port == 8);
  CHECK(over->ssh_options == Words{"-N"});
}

TEST_CASE("sshnp: a configuration file that is not there is an error", "[apps][sshnp]") {
  const Words args{"--config-file", "/nonexistent/c.env"};
  Options options;
  const auto program = apps::sshnp::program(options);
  REQUIRE(apps::parse(program, args));
  CHECK(apps::sshnp::read_config(program, options, args).error().code() == Errc::config);
}

TEST_CASE("sshnp: a list of devices needs our atSign alone", "[apps][sshnp]") {
  Options options;
  REQUIRE(apps::parse(apps::sshnp::program(options), {"-f", "@a", "--ls"}));
  REQUIRE(apps::sshnp::check(options));
  const auto wish = apps::sshnp::list_wish(options);
  CHECK(wish.from.str() == "@a");
  CHECK_FALSE(wish.of);
  Options nobody;
  REQUIRE(apps::parse(apps::sshnp::program(nobody), {"--ls"}));
  CHECK(apps::sshnp::check(nobody).error().what() == "--from is mandatory");
}
