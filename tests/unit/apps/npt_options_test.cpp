// SPDX-License-Identifier: BSD-3-Clause
// The commands of cli-and-packaging.md 1.4, 3.1 and 3.4 as users type them.
#include "npt/options.hpp"

#include <catch2/catch.hpp>

#include "common/duration.hpp"
#include "examples.hpp"
#include "npt/tunnel.hpp"

using namespace noports;
using apps::npt::Options;
using namespace std::chrono_literals;

namespace {

// The words of a command behind "npt -f @alice_client -t @alice_device -d my_server -r @rv_am".
Result<Options> read(std::vector<std::string> more) {
  std::vector<std::string> args{"-f", "@alice_client", "-t", "@alice_device",
                                "-d", "my_server",     "-r", "@rv_am"};
  args.insert(args.end(), more.begin(), more.end());
  Options options;
  auto parsed = apps::parse(apps::npt::program(options), args);
  if (!parsed) return fail(std::move(parsed).error());
  if (auto checked = apps::npt::check(options, parsed->positional); !checked) {
    return fail(std::move(checked).error());
  }
  return options;
}

}  // namespace

TEST_CASE("npt: the documented commands", "[apps][npt]") {
  const auto sftp = read({"-p", "22", "-l", "2222"});
  REQUIRE(sftp);
  CHECK(sftp->from->str() == "@alice_client");
  CHECK(sftp->to->str() == "@alice_device");
  CHECK(sftp->relay->str() == "@rv_am");
  CHECK(sftp->device->str() == "my_server");
  CHECK(sftp->remote_host == "localhost");
  CHECK(sftp->remote_port == 22);
  CHECK(sftp->local_port == 2222);
  CHECK(sftp->local_hosts == std::vector<std::string>{"localhost"});
  CHECK(sftp->timeout == 30s);
  CHECK(sftp->ping_timeout == 20s);
  CHECK(sftp->encrypt);

  const auto smb = read({"-p", "445", "-h", "192.168.1.90", "-l", "9000"});
  REQUIRE(smb);
  CHECK(smb->remote_host == "192.168.1.90");

  const auto vnc = read({"--lp", "12345", "--rp", "3389", "--rh", "desk", "-x"});
  REQUIRE(vnc);
  CHECK(vnc->local_port == 12345);
  CHECK(vnc->remote_port == 3389);
  CHECK(vnc->exit_when_connected);
}

TEST_CASE("npt: atSigns and device names are normalised", "[apps][npt]") {
  const auto options =
      read({"-f", "Alice_Client", "-t", "@al.ice", "-d", "My Device", "--rvd", "rv_eu", "-p", "1"});
  REQUIRE(options);
  CHECK(options->from->str() == "@alice_client");
  CHECK(options->to->str() == "@alice");
  CHECK(options->device->str() == "my_device");
  CHECK(options->relay->str() == "@rv_eu");
}

TEST_CASE("npt: the directory may be named with and without a port", "[apps][npt]") {
  const auto [text, host, port] = GENERATE(table<std::string, std::string, int>({
      {"root.example", "root.example", 64},
      {"localhost:6400", "localhost", 6400},
      {"[::1]:6400", "::1", 6400},
      {"[::1]", "::1", 64},
  }));
  const auto* const spelling = GENERATE("--root-server", "--root-domain");
  const auto options = read({"-p", "1", spelling, text});
  REQUIRE(options);
  CHECK(options->directory.host == host);
  CHECK(options->directory.port == port);
}

TEST_CASE("npt: keep-alive raises the timeout unless one is given", "[apps][npt]") {
  CHECK(read({"-p", "1", "-K"})->timeout == 24h);
  CHECK(read({"-p", "1", "-K"})->is_timeout_implied);
  CHECK(read({"-p", "1", "-K", "-T", "1h,14m,30s"})->timeout == 4470s);
  CHECK(read({"-p", "1", "-T", "0"})->is_never);
}

TEST_CASE("npt: several local ports in one process", "[apps][npt]") {
  const auto options = read({"-L", "8080:localhost:80", "-p", "22", "-l", "2222", "--socks", "1080",
                             "-L", "5432:db:5432"});
  REQUIRE(options);
  REQUIRE(options->forwards.size() == 4);
  CHECK(options->forwards[0].local_port == 8080);
  CHECK_FALSE(options->forwards[1].target);
  CHECK(options->forwards[2].target->str() == "db:5432");
  CHECK(options->forwards[3].local_port == 2222);
  CHECK(options->forwards[3].target->str() == "localhost:22");
  CHECK(options->timeout == 30s);
}

TEST_CASE("npt: relays are asked in the order in which they are given", "[apps][npt]") {
  const auto options = read({"-p", "1", "-r", "rv_eu, @rv_ap,@rv_oc"});
  REQUIRE(options);
  CHECK(options->relay->str() == "@rv_eu");
  REQUIRE(options->other_relays.size() == 2);
  CHECK(options->other_relays[0].str() == "@rv_ap");
  CHECK(options->other_relays[1].str() == "@rv_oc");
  CHECK_FALSE(read({"-p", "1", "-r", "@rv_eu,"}));
  CHECK(read({"-p", "1"})->other_relays.empty());
}

TEST_CASE("npt: how often an idle session shows that it is wanted", "[apps][npt]") {
  CHECK(read({"-p", "1"})->heartbeat == 5min);
  CHECK(read({"-p", "1", "-H", "30m"})->heartbeat == 30min);
  CHECK(read({"-p", "1", "--heartbeat", "0"})->heartbeat == 0ms);
}

TEST_CASE("npt: switches of the reference are accepted", "[apps][npt]") {
  const auto options = read({"-p1", "--no-pss", "--no-et", "--dpt", "3", "-qv", "--keyFile", "k"});
  REQUIRE(options);
  CHECK_FALSE(options->per_session_storage);
  CHECK_FALSE(options->encrypt);
  CHECK(options->ping_timeout == 3s);
  CHECK(options->quiet);
  CHECK(options->key_access.file == "k");
  CHECK(read({"-p", "1", "--lh", "0"})->local_hosts == std::vector<std::string>{"0.0.0.0"});
}

TEST_CASE("npt: --stdio takes its target as options or as a word", "[apps][npt]") {
  CHECK(read({"--stdio", "-p", "22"})->remote_port == 22);
  const auto word = read({"--stdio", "db.example:5432"});
  REQUIRE(word);
  CHECK(word->remote_host == "db.example");
  CHECK(word->remote_port == 5432);
  CHECK(read({"--stdio", "[::1]:22"})->remote_host == "::1");
}

TEST_CASE("npt: what does not go together or is no value is refused", "[apps][npt][hostile]") {
  const auto [args, part] = GENERATE(table<std::vector<std::string>, std::string>({
      {std::vector<std::string>(), "--remote-port is mandatory"},
      {{"-p", "65536"}, "--remote-port"},
      {{"-p", "0"}, "--remote-port"},
      {{"-p", "22x"}, "--remote-port"},
      {{"-p", "-1"}, "--remote-port"},
      {{"-p", "1", "-T", "30"}, "--timeout"},
      {{"-p", "1", "-K", "-x"}, "mutually exclusive"},
      {{"-p", "1", "-H", "10ms"}, "--heartbeat"},
      {{"-L", "8080"}, "--forward"},
      {{"--socks", "x"}, "--socks"},
      {{"-L", "1:h:2", "--stdio"}, "--stdio"},
      {{"-p", "1", "--stdio", "-x"}, "--stdio"},
      {{"-p", "1", "word"}, "word"},
      {{"--stdio", "host"}, "HOST:PORT"},
      {{"--stdio", ":22"}, "HOST:PORT"},
      {{"-p", "1", "-f", "@@alice"}, "--from"},
      {{"-p", "1", "-d", "a.b"}, "--device"},
      {{"-p", "1", "--root-server", "h:0"}, "--root-server"},
      {{"-p", "1", "--root-server", ":64"}, "--root-server"},
      {{"-p", "1", "--root-server", "::1"}, "--root-server"},
      {{"-p", "1", "--dpt", "0"}, "--daemon-ping-timeout"},
      {{"-p", "1", "--srvd-x", "y"}, "Could not find an option"},
  }));
  CAPTURE(args);
  const auto options = read(args);
  REQUIRE_FALSE(options);
  CHECK(options.error().code() == Errc::config);
  CHECK(options.error().what().find(part) != std::string::npos);
}

TEST_CASE("durations as they are written", "[apps][vectors]") {
  // cli-and-packaging.md 1.4, and the units it names
  const auto [text, span] = GENERATE(table<std::string, std::chrono::milliseconds>({
      {"30s", 30s},
      {"1h,14m,30s", 4470s},
      {"7d", 604800s},
      {"0", 31536000s},
      {"250ms", 250ms},
      {"2000us", 2ms},
      {"1h, 1s", 3601s},
  }));
  CHECK(apps::parse_duration(text).value() == span);
}

TEST_CASE("what is no duration is refused", "[apps][hostile]") {
  const auto text = GENERATE(as<std::string>{}, "", "30", "s", "1h,", ",1h", "1x", "-1s", "1.5h",
                             "00", "99999999999d", "18446744073709551616s", "3650d,1s", "1 h");
  CAPTURE(text);
  CHECK_FALSE(apps::parse_duration(text));
}

TEST_CASE("npt -K tries again after what may pass", "[apps][npt]") {
  using apps::npt::may_pass;
  CHECK(may_pass(Error(Errc::disconnected, Hop::relay, "")));
  CHECK(may_pass(Error(Errc::timed_out, Hop::device, "")));
  CHECK(may_pass(Error(Errc::refused, Hop::relay, "")));
  CHECK_FALSE(may_pass(Error(Errc::config, Hop::local, "")));
  CHECK_FALSE(may_pass(Error(Errc::not_set_up, Hop::local, "")));
  CHECK_FALSE(may_pass(Error(Errc::rejected, Hop::atserver, "")));
  CHECK_FALSE(may_pass(Error(Errc::busy, Hop::local, "")));
}

TEST_CASE("npt: the examples of the man page", "[apps][npt]") {
  Options unused;
  for (const auto& args : test::examples_of(apps::npt::program(unused))) {
    CAPTURE(args);
    Options options;
    const auto parsed = apps::parse(apps::npt::program(options), args);
    REQUIRE(parsed);
    CHECK(apps::npt::check(options, parsed->positional));
  }
}

TEST_CASE("npt: how to authenticate to the relay", "[apps][npt]") {
  const auto usual = read({"-p", "1"});
  REQUIRE(usual);
  CHECK(usual->relay_auth.preferred == proto::RelayAuthMode::escr);
  CHECK_FALSE(usual->relay_auth.is_explicit);
  CHECK_FALSE(usual->relay_auth.only_443);

  const auto payload = read({"-p", "1", "--ram", "payload"});
  REQUIRE(payload);
  CHECK(payload->relay_auth.preferred == proto::RelayAuthMode::payload);
  const auto escr = read({"-p", "1", "--relay-auth-mode=escr"});
  REQUIRE(escr);
  CHECK(escr->relay_auth.is_explicit);
  CHECK_FALSE(read({"-p", "1", "--relay-auth-mode", "ESCR"}));

  for (const auto& words : {std::vector<std::string>{"-p", "1", "--443"},
                            std::vector<std::string>{"-p", "1", "--only-port", "443"}}) {
    const auto only = read(words);
    REQUIRE(only);
    CHECK(only->relay_auth.only_443);
  }
  CHECK_FALSE(read({"-p", "1", "--only-port", "80"}));
}
