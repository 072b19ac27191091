// SPDX-License-Identifier: BSD-3-Clause
#include "noports/activate/registrar_client.hpp"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <vector>

#include "noports/base/text.hpp"
#include "noports/net/task_group.hpp"
#include "support/certificates.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

// HTTPS as small as can be: each connection brings one request and gets `answer`, as it is.
struct World {
  asio::io_context loop;
  test::Authority authority;
  net::TlsContext context = authority.server_context();
  net::Acceptor acceptor = *net::listen(loop.get_executor(), "127.0.0.1", 0);
  net::TaskGroup tasks{loop.get_executor(), nullptr};
  std::string answer;              // empty: none comes
  std::vector<std::string> asked;  // head and body
  at::Atsign self = *at::Atsign::parse("@alice");

  World() { tasks.spawn(accept()); }
  ~World() {
    tasks.cancel();
    test::run(loop, tasks.join());
  }
  void says(int status, const std::string& body) {
    answer = "HTTP/1.1 " + std::to_string(status) +
             " Yes\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  activate::Registrar registrar() const {
    activate::Registrar registrar;
    registrar.address = {"localhost", acceptor.local_endpoint().port()};
    registrar.tls = authority.client_context();
    return registrar;
  }
  Result<void> send_code(net::Deadline deadline = net::in(30s)) {
    return test::run(loop, activate::send_code(registrar(), self, deadline));
  }
  Result<crypto::Secret> redeem(std::string_view code) {
    auto op = activate::redeem_code(registrar(), self, crypto::Secret(code), net::in(30s));
    return test::run(loop, std::move(op));
  }

 private:
  asio::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await net::accept(acceptor);
      if (!socket) co_return;
      tasks.spawn(serve(*std::move(socket)));
    }
  }
  asio::awaitable<void> serve(net::Socket socket) {
    auto stream = co_await net::accept_tls(context, std::move(socket), net::in(30s));
    if (!stream) co_return;
    std::string request;
    std::size_t body = 0;
    for (;;) {
      auto line = co_await (*stream)->read_line();
      if (!line) co_return;
      request += *line + "\r\n";
      std::string_view rest = *line;
      if (take(rest, "Content-Length: ")) body = parse_number(trim(rest)).value_or(0);
      if (trim(*line).empty()) break;
    }
    std::string content = (*stream)->take_pending();
    while (content.size() < body) {
      auto more = co_await (*stream)->read_some();
      if (!more || more->empty()) co_return;
      content += *more;
    }
    asked.push_back(request + content);
    auto reply = answer;
    auto sent = co_await (*stream)->write_all(std::move(reply));
    if (!sent || !answer.empty()) co_return;
    auto end = co_await (*stream)->read_line();  // until the other side gives up
    static_cast<void>(end.has_value());
  }
};

}  // namespace

TEST_CASE("the registrar is asked as the reference asks it", "[activate][registrar]") {
  World world;
  world.says(200, R"({"message":"Sent Successfully"})");
  const auto sent = world.send_code();
  if (!sent) FAIL(sent.error().what());
  REQUIRE(world.asked.size() == 1);
  const auto& request = world.asked.front();
  CHECK(request.starts_with("POST /api/app/v3/authenticate/atsign HTTP/1.1\r\n"));
  CHECK(request.find("\nContent-Type: application/json\r\n") != request.npos);
  CHECK(request.find("\nAuthorization: 477b-876u-bcez-c42z-6a3d\r\n") != request.npos);
  CHECK(request.ends_with("\r\n\r\n{\"atsign\":\"@alice\"}"));

  world.says(200, R"({"message":"Verified","cramkey":"@alice:s3cret"})");
  const auto secret = world.redeem("A1B2");
  if (!secret) FAIL(secret.error().what());
  CHECK(secret->text() == "s3cret");
  CHECK(world.asked.back().starts_with("POST /api/app/v3/authenticate/atsign/activate HTTP/1.1"));
  CHECK(world.asked.back().ends_with("{\"atsign\":\"@alice\",\"otp\":\"A1B2\"}"));
}

TEST_CASE("what the registrar refuses is said with its name and its reason",
          "[activate][registrar]") {
  World world;
  world.says(404, R"({"message":"No such atsign"})");
  const auto sent = world.send_code();
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code() == Errc::refused);
  CHECK(sent.error().what() ==
        "asking the registrar " + world.registrar().address.str() + ": No such atsign");
  world.says(200, R"({"message":"wrong"})");
  CHECK(world.redeem("A1B2").error().code() == Errc::rejected);
}

TEST_CASE("answers of a registrar are bounded, and nothing is followed",
          "[activate][registrar][hostile]") {
  World world;
  const std::string ok = R"({"message":"Sent Successfully"})";
  world.says(200, ok + std::string(20'000, ' '));
  CHECK(world.send_code().error().code() == Errc::bad_syntax);
  world.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n" +
                 std::string(0x8000, ' ') + "\r\n0\r\n\r\n";
  CHECK(world.send_code().error().code() == Errc::bad_syntax);
  world.answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 100; ++i) world.answer += "X: " + std::string(1000, 'x') + "\r\n";
  world.answer += "\r\n" + ok;
  CHECK(world.send_code().error().code() == Errc::bad_syntax);
  world.answer = "HTTP/1.1 302 Found\r\nLocation: http://localhost:" +
                 std::to_string(world.acceptor.local_endpoint().port()) +
                 "/\r\nContent-Length: 0\r\n\r\n";
  CHECK(world.send_code().error().code() == Errc::refused);
  for (const auto* noise :
       {"\r\n", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        "HTTP/1.1 x\r\n\r\n"}) {
    world.answer = noise;
    CAPTURE(noise);
    CHECK_FALSE(world.send_code());
  }
}

TEST_CASE("a registrar that is silent, gone, or somebody else is told apart",
          "[activate][registrar][hostile]") {
  World world;
  const auto silent = world.send_code(net::in(300ms));
  CHECK(silent.error().code() == Errc::timed_out);
  CHECK(silent.error().hop() == Hop::directory);
  CHECK(world.send_code(net::in(-1s)).error().code() == Errc::timed_out);

  auto stranger = world.registrar();
  stranger.tls = test::Authority().client_context();
  const auto unknown =
      test::run(world.loop, activate::send_code(stranger, world.self, net::in(30s)));
  CHECK(unknown.error().code() == Errc::rejected);
  CHECK(unknown.error().hint().find("--ca-file") != std::string::npos);

  test::LeafWish other;
  other.names = {"DNS:registrar.example"};
  world.context = world.authority.server_context(other);
  CHECK(world.send_code().error().code() == Errc::rejected);

  auto gone = world.registrar();
  {
    const auto free = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
    gone.address.port = free.local_endpoint().port();
  }
  const auto refused = test::run(world.loop, activate::send_code(gone, world.self, net::in(30s)));
  CHECK(refused.error().code() == Errc::disconnected);
}

TEST_CASE("the proxy of the environment is used, and told nothing", "[activate][registrar]") {
  World world;
  auto proxy = *net::listen(world.loop.get_executor(), "127.0.0.1", 0);
  std::string told;
  const auto serve = [&]() -> asio::awaitable<void> {
    auto socket = co_await net::accept(proxy);
    if (!socket) co_return;
    net::Stream stream(*std::move(socket));
    for (;;) {
      auto line = co_await stream.read_line();
      if (!line || line->empty()) break;
      told += *line + "\n";
    }
    auto sent = co_await stream.write_all("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    static_cast<void>(sent.has_value());
  };
  world.tasks.spawn(serve());
  const auto url = "http://127.0.0.1:" + std::to_string(proxy.local_endpoint().port());
  ::setenv("https_proxy", url.c_str(), 1);
  const auto sent = world.send_code();
  ::unsetenv("https_proxy");
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code() == Errc::disconnected);
  CHECK(sent.error().hint().find("https_proxy") != std::string::npos);
  CHECK(told.starts_with("CONNECT " + world.registrar().address.str() + " HTTP/1.1\n"));
  CHECK(told.find("Authorization") == std::string::npos);
  CHECK(told.find("alice") == std::string::npos);
  CHECK(world.asked.empty());
}

TEST_CASE("a call to the registrar that is cancelled ends at once", "[activate][registrar]") {
  World world;
  net::TaskGroup tasks(world.loop.get_executor(), nullptr);
  const auto body = [&]() -> asio::awaitable<void> {
    auto sent = co_await activate::send_code(world.registrar(), world.self, net::in(60s));
    static_cast<void>(sent.has_value());
  };
  tasks.spawn(body());
  REQUIRE(test::eventually(world.loop, [&] { return !world.asked.empty(); }));
  tasks.cancel();
  CHECK(test::eventually(
      world.loop, [&] { return tasks.size() == 0; }, 20s));
}

TEST_CASE("a registrar is named by its host, and reached by HTTPS alone",
          "[activate][registrar][hostile]") {
  using activate::RegistrarAddress;
  CHECK(RegistrarAddress().str() == "my.atsign.com");
  CHECK(RegistrarAddress::parse("My.Atsign.wtf")->str() == "my.atsign.wtf");
  CHECK(RegistrarAddress::parse("https://localhost:8443/")->str() == "localhost:8443");
  CHECK(RegistrarAddress::parse("https://localhost:443")->str() == "localhost");
  CHECK(RegistrarAddress::parse("[::1]:9")->str() == "[::1]:9");
  CHECK(RegistrarAddress::parse("[::1]")->port == 443);
  for (const auto* text :
       {"", "/", "https://", "http://localhost", "ftp://x", "a b", "a/b", "a@b", "a:0", "a:65536",
        "a:", "::1", "[::1", "[x]", "a?b", "a#b", "a\r\nb:1"}) {
    CAPTURE(text);
    CHECK(RegistrarAddress::parse(text).error().code() == Errc::config);
  }
}
