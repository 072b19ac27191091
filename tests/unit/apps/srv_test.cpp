// SPDX-License-Identifier: BSD-3-Clause
// srv's command line and environment, as callers of the reference's connector use them.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "common/environment.hpp"
#include "examples.hpp"
#include "noports/crypto/base64.hpp"
#include "srv/options.hpp"
#include "srv/secrets.hpp"

using namespace noports;
using apps::srv::Options;
using apps::srv::Secrets;
using Kind = bridge::Protection::Kind;

namespace {

Result<Options> read(const std::vector<std::string>& args) {
  Options options;
  const auto parsed = apps::parse(apps::srv::describe(options), args);
  if (!parsed) return fail(parsed.error());
  return options;
}

Secrets secrets_of(const std::map<std::string, std::string>& values) {
  Secrets secrets;
  for (const auto& [name, value] : values) secrets.emplace(name, crypto::Secret(value));
  return secrets;
}

const std::string kKey = crypto::base64(std::string(32, 'k'));
const std::string kIv = crypto::base64(std::string(16, 'i'));

Options options_with(std::vector<std::string> more) {
  std::vector<std::string> args{"-h", "relay", "-p", "4000"};
  args.insert(args.end(), more.begin(), more.end());
  return *read(args);
}

}  // namespace

TEST_CASE("srv: the arguments of the reference's parents", "[apps][srv]") {
  const auto device =
      read({"-h", "relay.example", "-p", "40002", "--local-port", "3389", "--local-host", "desk",
            "--timeout", "30", "--multi", "--rv-auth", "--rv-e2ee", "--heartbeat", "1800"});
  REQUIRE(device);
  CHECK(device->host == "relay.example");
  CHECK(device->port == 40002);
  CHECK(device->local_host == "desk");
  CHECK(device->local_port == 3389);
  CHECK(device->timeout == std::chrono::seconds(30));
  CHECK(device->is_multi);
  CHECK(device->authenticates);
  CHECK(device->encrypts);
  CHECK(device->end() == bridge::End::device);
  const auto client = read({"--host", "::1", "--port", "1", "--bind-local-port", "-a", "escr"});
  REQUIRE(client);
  CHECK(client->end() == bridge::End::client);
  CHECK(client->uses_escr);
  CHECK(client->local_port == 22);
  CHECK(client->timeout == std::chrono::seconds(60));
  CHECK_FALSE(client->authenticates);
  CHECK(read({"-h", "r", "-p", "1", "--timeout", "31536000"})->timeout == std::chrono::days(365));
}

TEST_CASE("srv: arguments that are none are refused", "[apps][srv][hostile]") {
  const auto args = GENERATE(values<std::vector<std::string>>({
      {"-p", "1"},
      {"-h", "r"},
      {"-h", "", "-p", "1"},
      {"-h", "r", "-p", "0"},
      {"-h", "r", "-p", "1", "--timeout", "0"},
      {"-h", "r", "-p", "1", "--timeout", "31536001"},
      {"-h", "r", "-p", "1", "--local-port", "65536"},
      {"-h", "r", "-p", "1", "-a", "none"},
  }));
  CAPTURE(args);
  CHECK_FALSE(read(args));
}

TEST_CASE("srv: the examples of the man page", "[apps][srv]") {
  Options unused;
  for (const auto& args : test::examples_of(apps::srv::describe(unused))) {
    CAPTURE(args);
    CHECK(read(args));
  }
}

TEST_CASE("srv: what is missing in the environment is told in the known words",
          "[apps][srv][hostile]") {
  const auto [args, have, words] =
      GENERATE(table<std::vector<std::string>, std::map<std::string, std::string>, std::string>({
          {{"--rv-auth"}, {}, "--rv-auth required, but RV_AUTH is not in environment"},
          {{"--rv-e2ee"}, {}, "--rv-e2ee required, but RV_AES is not in environment"},
          {{"--rv-e2ee"},
           {{"RV_AES", kKey}},
           "--rv-e2ee required, but RV_IV is not in environment"},
          {{"--rv-e2ee"},
           {{"RV_AES_C2D", kKey}, {"RV_IV_C2D", kIv}},
           "--rv-e2ee required, but RV_AES_D2C is not in environment"},
          {{"--rv-auth", "-a", "escr"},
           {},
           "--rv-auth required, but REMOTE_AUTH_ESCR_SESSION_ID is not in environment"},
          {{"--rv-e2ee"}, {{"RV_AES", kIv}, {"RV_IV", kIv}}, "RV_AES in the environment is not"},
          {{"--rv-auth"}, {{"RV_AUTH", "a\nb"}}, "RV_AUTH in the environment is not one line"},
      }));
  CAPTURE(words);
  const auto leg = apps::srv::make_leg(options_with(args), secrets_of(have));
  REQUIRE_FALSE(leg);
  CHECK(leg.error().code() == Errc::config);
  CHECK(leg.error().what().find(words) == 0);
}

TEST_CASE("srv: keys of both generations make a leg", "[apps][srv]") {
  const auto options = options_with({"--rv-e2ee", "--rv-auth"});
  const auto old_one = apps::srv::make_leg(
      options, secrets_of({{"RV_AUTH", "{}"}, {"RV_AES", kKey}, {"RV_IV", kIv}}));
  REQUIRE(old_one);
  CHECK(old_one->protection.kind == Kind::ctr);
  CHECK(old_one->relay_host == "relay");
  CHECK(old_one->relay_port == 4000);
  const auto twin = apps::srv::make_leg(options, secrets_of({{"RV_AUTH", "{}"},
                                                             {"RV_AES_C2D", kKey},
                                                             {"RV_IV_C2D", kIv},
                                                             {"RV_AES_D2C", kKey},
                                                             {"RV_IV_D2C", kIv}}));
  REQUIRE(twin);
  CHECK(twin->protection.kind == Kind::ctr_twin);
  CHECK(apps::srv::make_leg(options_with({}), {})->protection.kind == Kind::none);
}

TEST_CASE("srv: secrets leave the environment", "[apps][srv][hostile]") {
  REQUIRE(::setenv("RV_AES", kKey.c_str(), 1) == 0);
  const char* where = std::getenv("RV_AES");
  REQUIRE(where != nullptr);
  const auto secrets = apps::srv::take_secrets();
  REQUIRE(secrets.contains("RV_AES"));
  CHECK(secrets.at("RV_AES").text() == kKey);
  CHECK(std::getenv("RV_AES") == nullptr);
  CHECK_FALSE(apps::take_from_environment("RV_AES"));
}
