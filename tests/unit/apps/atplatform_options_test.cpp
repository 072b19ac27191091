// SPDX-License-Identifier: BSD-3-Clause
#include <catch2/catch.hpp>

#include "atplatform/list_json.hpp"
#include "atplatform/options.hpp"
#include "common/run.hpp"
#include "examples.hpp"

using namespace noports;
using namespace noports::apps::atplatform;

namespace {

Result<Options> read(const std::vector<std::string>& args) {
  Options options;
  auto parsed = apps::parse(describe(options), args);
  if (!parsed) return fail(std::move(parsed).error());
  if (auto checked = check(options, parsed->positional); !checked) {
    return fail(std::move(checked).error());
  }
  return options;
}

}  // namespace

TEST_CASE("atplatform: serve with and without its options", "[apps][atplatform]") {
  const auto plain = read({"serve", "--dir", "/d"});
  REQUIRE(plain);
  CHECK(plain->command == Command::serve);
  const auto platform = plain->platform();
  CHECK(platform.dir == "/d");
  CHECK(platform.listen == "127.0.0.1");
  CHECK(platform.host_name == "localhost");
  CHECK(platform.directory_port == 64);
  const auto full = read({"serve", "--dir=/d", "--listen", "0.0.0.0", "--host-name",
                          "platform.example.org", "--directory-port", "0"});
  REQUIRE(full);
  CHECK(full->platform().listen == "0.0.0.0");
  CHECK(full->platform().host_name == "platform.example.org");
  CHECK(full->platform().directory_port == 0);
  CHECK_FALSE(full->platform().certificate);
  const auto own = read({"serve", "--dir=/d", "--tls-cert", "c.pem", "--tls-key", "c.key"});
  REQUIRE(own);
  REQUIRE(own->platform().certificate);
  CHECK(own->platform().certificate->chain == "c.pem");
  CHECK(own->platform().certificate->key == "c.key");
}

TEST_CASE("atplatform: add, list and ca", "[apps][atplatform]") {
  const auto add = read({"add", "Alice", "--dir", "d"});
  REQUIRE(add);
  CHECK(add->command == Command::add);
  CHECK(add->atsign->str() == "@alice");
  CHECK(read({"list", "--dir", "d"})->command == Command::list);
  CHECK(read({"--dir", "d", "ca"})->command == Command::ca);
}

TEST_CASE("atplatform: a registrar and where its codes go", "[apps][atplatform]") {
  const auto file = read({"serve", "--dir", "/d", "--registrar-port", "0", "--otp-file", "/f"});
  REQUIRE(file);
  REQUIRE(file->registrar());
  CHECK(file->registrar()->port == 0);
  CHECK(*file->registrar()->otp_file == "/f");
  CHECK(file->registrar()->chain == "/d/server.pem");
  const auto command = read({"serve", "--dir", "/d", "--registrar-port", "443", "--otp-command",
                             "mail x", "--tls-cert", "c", "--tls-key", "k"});
  REQUIRE(command);
  CHECK(*command->registrar()->otp_command == "mail x");
  CHECK(command->registrar()->key == "k");
  CHECK_FALSE(read({"serve", "--dir", "/d"})->registrar());
}

TEST_CASE("atplatform: remove and reset delete when told", "[apps][atplatform]") {
  const auto remove = read({"remove", "@alice", "--yes", "--dir", "d"});
  REQUIRE(remove);
  CHECK(remove->command == Command::remove);
  CHECK(remove->atsign->str() == "@alice");
  CHECK(read({"reset", "@alice", "--yes", "--dir", "d"})->command == Command::reset);
  for (const std::string word : {"remove", "reset"}) {
    const auto hasty = read({word, "@alice", "--dir", "d"});
    REQUIRE_FALSE(hasty);
    CHECK(hasty.error().what().find("deletes everything that @alice keeps") != std::string::npos);
    CHECK(hasty.error().hint().find("--yes") != std::string::npos);
  }
}

TEST_CASE("atplatform: export and import name a file", "[apps][atplatform]") {
  const auto out = read({"export", "@alice", "alice.json", "--dir", "d"});
  REQUIRE(out);
  CHECK(out->command == Command::export_);
  CHECK(out->atsign->str() == "@alice");
  CHECK(*out->file == "alice.json");
  const auto in = read({"import", "alice.json", "--dir", "d"});
  REQUIRE(in);
  CHECK(in->command == Command::import_);
  CHECK(*in->file == "alice.json");
}

TEST_CASE("atplatform: list as JSON", "[apps][atplatform]") {
  CHECK(read({"list", "--json", "--dir", "d"})->json);
  apps::set_json_errors(false);
  CHECK(json_text({}) == "[]");
  const auto atsign = [](std::string_view name) { return *at::Atsign::parse(name); };
  CHECK(json_text({{atsign("@alice"), 14071, true}, {atsign("@bob"), 0, false}}) ==
        R"([{"atsign":"@alice","port":14071,"activated":true},)"
        R"({"atsign":"@bob","port":null,"activated":false}])");
  CHECK(json_text({{atsign("@carol"), 10301, true, "b.example.net"}}) ==
        R"([{"atsign":"@carol","port":10301,"activated":null,"joined":"b.example.net:10301"}])");
}

TEST_CASE("atplatform: a guest names its host and its token", "[apps][atplatform]") {
  const auto guest = read({"serve", "--dir", "/d", "--join", "at.example.net:64", "--join-token",
                           "/t", "--ca-file", "/ca", "--registrar-port", "0", "--otp-file", "/f"});
  REQUIRE(guest);
  const auto platform = guest->platform();
  REQUIRE(platform.join);
  CHECK(platform.join->host == atserver::Place{"at.example.net", 64});
  CHECK(platform.join->token_file == "/t");
  CHECK(*platform.trust.extra_ca == "/ca");
  CHECK(guest->registrar()->chain == "/d/joined.pem");
  CHECK(guest->registrar()->key == "/d/joined.pem");
  CHECK_FALSE(read({"serve", "--dir", "/d"})->platform().join);
}

TEST_CASE("atplatform: join-token makes, lists and withdraws tokens", "[apps][atplatform]") {
  const auto make = read({"join-token", "--dir", "d"});
  REQUIRE(make);
  CHECK(make->command == Command::join_token);
  CHECK(*read({"join-token", "--file", "t", "--dir", "d"})->token_file == "t");
  CHECK(read({"join-token", "--list", "--dir", "d"})->list_tokens);
  CHECK(*read({"join-token", "--revoke", "0011aabb", "--dir", "d"})->revoke == "0011aabb");
}

TEST_CASE("atplatform: what does not belong together is refused", "[apps][atplatform][hostile]") {
  const std::vector<std::vector<std::string>> commands = {
      {"serve"},
      {"--dir", "d"},
      {"dance", "--dir", "d"},
      {"add", "--dir", "d"},
      {"add", "@a", "@b", "--dir", "d"},
      {"add", "a b", "--dir", "d"},
      {"list", "more", "--dir", "d"},
      {"list", "--yes", "--dir", "d"},
      {"export", "@a", "--dir", "d"},
      {"export", "a b", "f", "--dir", "d"},
      {"export", "@a", "", "--dir", "d"},
      {"import", "--dir", "d"},
      {"import", "f", "g", "--dir", "d"},
      {"list", "--listen", "127.0.0.1", "--dir", "d"},
      {"serve", "--tls-cert", "c", "--dir", "d"},
      {"serve", "--registrar-port", "443", "--dir", "d"},
      {"serve", "--otp-file", "f", "--dir", "d"},
      {"serve", "--registrar-port", "443", "--otp-file", "f", "--otp-command", "c", "--dir", "d"},
      {"serve", "--registrar-port", "443", "--otp-command", "", "--dir", "d"},
      {"list", "--registrar-port", "443", "--otp-file", "f", "--dir", "d"},
      {"serve", "--tls-key", "k", "--dir", "d"},
      {"list", "--tls-cert", "c", "--tls-key", "k", "--dir", "d"},
      {"serve", "--directory-port", "65536", "--dir", "d"},
      {"serve", "--directory-port", "x", "--dir", "d"},
      {"serve", "--host-name", "a:b", "--dir", "d"},
      {"serve", "--host-name", "a\nb", "--dir", "d"},
      {"serve", "--host-name", "", "--dir", "d"},
      {"serve", "--listen", "", "--dir", "d"},
      {"serve", "--join", "h:64", "--dir", "d"},
      {"serve", "--join-token", "t", "--dir", "d"},
      {"serve", "--join", "h", "--join-token", "t", "--dir", "d"},
      {"serve", "--join", "h:0", "--join-token", "t", "--dir", "d"},
      {"serve", "--join", "h i:64", "--join-token", "t", "--dir", "d"},
      {"serve", "--file", "f", "--dir", "d"},
      {"serve", "--list", "--dir", "d"},
      {"list", "--ca-file", "f", "--dir", "d"},
      {"list", "--join", "h:64", "--join-token", "t", "--dir", "d"},
      {"join-token", "--list", "--revoke", "x", "--dir", "d"},
      {"join-token", "more", "--dir", "d"}};
  for (const auto& command : commands) {
    CAPTURE(command);
    const auto options = read(command);
    REQUIRE_FALSE(options);
    CHECK(options.error().code() == Errc::config);
  }
}

TEST_CASE("atplatform: the examples of the man page", "[apps][atplatform]") {
  Options unused;
  for (const auto& args : test::examples_of(describe(unused))) {
    CAPTURE(args);
    CHECK(read(args));
  }
}
