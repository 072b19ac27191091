// SPDX-License-Identifier: BSD-3-Clause
// The registrar's decisions, and the endpoint over HTTPS.
#include "noports/atserver/registrar.hpp"

#include <httplib.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "noports/atserver/registrar_desk.hpp"
#include "noports/keys/registrar_calls.hpp"
#include "running.hpp"

using namespace noports;
using namespace std::chrono_literals;
using atserver::RegistrarDesk;
using test::atsign;

namespace {

struct Desk {
  std::optional<std::string> sent;
  bool delivers = true;
  bool waits = true;  // @alice for activation
  int made = 0;
  RegistrarDesk::Time now{};
  RegistrarDesk desk{{[this](const at::Atsign& who) -> Result<std::optional<crypto::Secret>> {
                        if (!waits || who != atsign("@alice"))
                          return std::optional<crypto::Secret>();
                        return std::optional<crypto::Secret>(
                            crypto::Secret(std::string_view("s3")));
                      },
                      [this](const at::Atsign&, const crypto::Secret& code) -> Result<void> {
                        if (!delivers) return fail(Errc::io, "no");
                        sent = std::string(code.text());
                        return {};
                      },
                      [this] { return crypto::Secret("A1B" + std::to_string(made++)); }}};

  std::string ask(const std::string& name = "@alice") {
    const auto reply = desk.answer(keys::kSendCodePath, R"({"atsign":")" + name + "\"}", now);
    return std::to_string(reply.status) + " " + reply.body;
  }
  std::string redeem(const std::string& code, const std::string& name = "@alice") {
    const auto body = R"({"atsign":")" + name + R"(","otp":")" + code + "\"}";
    return desk.answer(keys::kActivatePath, body, now).body;
  }
};

constexpr const char* kVerified = R"({"message":"Verified","cramkey":"@alice:s3"})";
constexpr const char* kSent = R"(200 {"message":"Sent Successfully"})";
constexpr const char* kWrong =
    R"({"message":"The code you have entered is invalid or expired. Please try again?"})";

}  // namespace

TEST_CASE("a code that was sent is exchanged for the secret, once", "[atserver][registrar]") {
  Desk desk;
  CHECK(desk.ask() == kSent);
  REQUIRE(desk.sent == "A1B0");
  CHECK(desk.redeem("a1b0") == kVerified);
  CHECK(desk.redeem("A1B0") == kWrong);
}

TEST_CASE("codes cannot be guessed, outlived or had without end",
          "[atserver][registrar][hostile]") {
  Desk desk;
  CHECK(desk.redeem("A1B0") == kWrong);
  CHECK(desk.ask() == kSent);
  CHECK(desk.ask().starts_with("429 "));  // a minute has not passed
  for (int i = 0; i < 5; ++i) CHECK(desk.redeem("WRNG") == kWrong);
  CHECK(desk.redeem("A1B0") == kWrong);  // guessed at too often
  desk.now += 1min;
  CHECK(desk.ask() == kSent);
  desk.now += 15min;
  CHECK(desk.redeem("A1B1") == kWrong);  // too old
  for (int i = 0; i < 3; ++i) {
    CHECK(desk.ask() == kSent);
    desk.now += 1min;
  }
  CHECK(desk.ask().starts_with("429 "));  // five in an hour
  desk.now += 1h;
  CHECK(desk.ask() == kSent);
}

TEST_CASE("who does not wait for activation gets no code and no secret",
          "[atserver][registrar][hostile]") {
  Desk desk;
  CHECK(desk.ask("@bob") == R"(200 {"message":"@bob does not wait for activation here"})");
  CHECK(desk.ask() == kSent);
  desk.waits = false;  // somebody has activated it meanwhile
  CHECK(desk.redeem("A1B0").find("cramkey") == std::string::npos);
  desk.waits = true;
  desk.now += 1min;
  desk.delivers = false;
  CHECK(desk.ask().starts_with("500 "));
  CHECK(desk.redeem("A1B1") == kWrong);
}

TEST_CASE("the registrar refuses what is no request", "[atserver][registrar][hostile]") {
  Desk desk;
  const auto status = [&](std::string_view path, const std::string& body) {
    return desk.desk.answer(path, body, desk.now).status;
  };
  CHECK(status("/", "{}") == 404);
  CHECK(status("/api/app/v3/authenticate/atsign/", "{}") == 404);
  for (const std::string body : {"", "{", "[]", "null", "{}", R"({"atsign":1})",
                                 R"({"atsign":"a b"})", R"({"atsign":"@a\n"})"}) {
    CAPTURE(body);
    CHECK(status(keys::kSendCodePath, body) == 400);
    CHECK(status(keys::kActivatePath, body) == 400);
  }
  CHECK(status(keys::kActivatePath, R"({"atsign":"@alice"})") == 400);
  CHECK(status(keys::kSendCodePath, std::string(5000, '[')) == 400);
}

TEST_CASE("new codes are four capital letters and digits", "[atserver][registrar]") {
  for (int i = 0; i < 100; ++i) {
    const auto code = atserver::new_registrar_code();
    CHECK(code.size() == 4);
    CHECK(code.text().find_first_not_of("2346789ABCDEFGHJKMNPQRTUVWXYZ") == std::string_view::npos);
  }
}

TEST_CASE("the registrar's endpoint gives the secret of an atSign over HTTPS",
          "[atserver][registrar][platform]") {
  test::Running world;
  const auto secret = *atserver::add_atsign(world.dir(), atsign("@alice"));
  atserver::RegistrarOptions options;
  options.dir = world.dir();
  REQUIRE(world.port_of("alice") != 0);  // the platform has begun to serve
  options.chain = world.dir() / "server.pem";
  options.key = world.dir() / "server.key";
  options.port = 0;
  options.otp_file = world.dir() / "codes";
  const auto registrar = atserver::Registrar::open(options);
  REQUIRE(registrar);
  httplib::SSLClient client("localhost", (*registrar)->port());
  client.set_ca_cert_path((world.dir() / "ca.pem").c_str());
  client.enable_server_certificate_verification(true);
  const std::string path(keys::kSendCodePath);
  const auto asked = client.Post(path, R"({"atsign":"@alice"})", "application/json");
  REQUIRE(asked);
  CHECK(asked->status == 200);
  CHECK(asked->body == R"({"message":"Sent Successfully"})");
  std::string name, code;
  std::ifstream(options.otp_file->string()) >> name >> code;
  CHECK(name == "@alice");
  struct stat status {};
  REQUIRE(::stat(options.otp_file->c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto body = R"({"atsign":"@alice","otp":")" + code + "\"}";
  const auto given = client.Post(path + "/activate", body, "application/json");
  REQUIRE(given);
  CHECK(nlohmann::json::parse(given->body)["cramkey"] == "@alice:" + std::string(secret.text()));
  CHECK(client.Get("/")->status == 404);
}

TEST_CASE("the registrar's command gets the code on its standard input",
          "[atserver][registrar][platform]") {
  test::Running world;
  REQUIRE(atserver::add_atsign(world.dir(), atsign("@alice")));
  atserver::RegistrarOptions options;
  options.dir = world.dir();
  REQUIRE(world.port_of("alice") != 0);  // the platform has begun to serve
  options.chain = world.dir() / "server.pem";
  options.key = world.dir() / "server.key";
  options.port = 0;
  const auto file = world.dir() / "mail";
  options.otp_command = "cat >'" + file.string() + "'";
  {
    const auto registrar = atserver::Registrar::open(options);
    REQUIRE(registrar);
    httplib::SSLClient client("localhost", (*registrar)->port());
    client.set_ca_cert_path((world.dir() / "ca.pem").c_str());
    REQUIRE(client.Post(std::string(keys::kSendCodePath), R"({"atsign":"@alice"})",
                        "application/json"));
  }
  std::string name, code;
  std::ifstream(file) >> name >> code;
  CHECK(name == "@alice");
  CHECK(code.size() == 4);
  options.otp_command = "false";
  const auto registrar = atserver::Registrar::open(options);
  REQUIRE(registrar);
  httplib::SSLClient client("localhost", (*registrar)->port());
  client.set_ca_cert_path((world.dir() / "ca.pem").c_str());
  const auto failed =
      client.Post(std::string(keys::kSendCodePath), R"({"atsign":"@alice"})", "application/json");
  REQUIRE(failed);
  CHECK(failed->status == 500);
}
