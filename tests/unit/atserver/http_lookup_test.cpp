// SPDX-License-Identifier: BSD-3-Clause
// Public records by HTTP (noports-newer.md 13, 16.1).
#include "noports/atserver/http_lookup.hpp"

#include <openssl/ssl.h>

#include "running.hpp"

using namespace noports;
using atserver::HttpStatus;
using atserver::PublicQuery;

namespace {

std::string answer(test::World& world, const std::string& target, const char* only = "@alice") {
  std::optional<at::Atsign> server;
  if (only != nullptr) server = test::atsign(only);
  atserver::Database::Scope scope(world.store->database());
  return atserver::answer_http(*world.store, server, "GET " + target + " HTTP/1.1", world.now);
}

std::string status(const std::string& text) { return text.substr(0, text.find("\r\n")); }

// A client that says by ALPN that it speaks HTTP.
net::TlsContext http_client(const std::filesystem::path& ca) {
  net::Trust trust;
  trust.cert_file = ca;
  auto context = *net::client_context(trust);
  static constexpr unsigned char kOffer[] = "\x02h2\x08http/1.1";
  REQUIRE(SSL_CTX_set_alpn_protos(context->native_handle(), kOffer, sizeof kOffer - 1) == 0);
  return context;
}

}  // namespace

TEST_CASE("a request names an atSign and a record", "[atserver][http]") {
  struct Sample {
    const char *target, *owner, *name;
  };
  const auto sample =
      GENERATE(Sample{"/@alice/publickey", "@alice", "publickey"},
               Sample{"/%40Alice/_apsk.primary.a.__e", "@alice", "_apsk.primary.a.__e"},
               Sample{"/@alice%F0%9F%9B%A0/p%68one.demo", "@alice\xf0\x9f\x9b\xa0", "phone.demo"});
  CAPTURE(sample.target);
  const auto parsed =
      atserver::parse_request_line("GET " + std::string(sample.target) + " HTTP/1.1");
  REQUIRE(std::holds_alternative<PublicQuery>(parsed));
  CHECK(std::get<PublicQuery>(parsed).owner.str() == sample.owner);
  CHECK(std::get<PublicQuery>(parsed).name.str() == sample.name);
}

TEST_CASE("what is no request for a record is refused", "[atserver][http][hostile]") {
  const auto* line = GENERATE(
      "", "GET", "GET /@alice/x", "GET  /@alice/x HTTP/1.1", "GET /@alice/x HTTP/2",
      "GET /@alice/x SMTP/1.1", "GET http://x/@alice/x HTTP/1.1", "GET / HTTP/1.1",
      "GET /@alice HTTP/1.1", "GET /@alice/ HTTP/1.1", "GET /alice/x HTTP/1.1", "GET /@/x HTTP/1.1",
      "GET /@alice/% HTTP/1.1", "GET /@alice/%4 HTTP/1.1", "GET /@alice/%zz HTTP/1.1",
      "GET /@alice/a%0Ab HTTP/1.1", "GET /@alice/a%00 HTTP/1.1", "GET /@alice/%ff HTTP/1.1",
      "GET /@alice/a%40b HTTP/1.1", "GET /@alice/a:b HTTP/1.1", "GET /@alice/../x@y HTTP/1.1",
      "from:@alice");
  CAPTURE(line);
  const auto parsed = atserver::parse_request_line(line);
  REQUIRE(std::holds_alternative<HttpStatus>(parsed));
  CHECK(std::get<HttpStatus>(parsed) == HttpStatus::bad_request);
}

TEST_CASE("a name that is too long together with its owner is refused",
          "[atserver][http][hostile]") {
  // "public:" and "@alice" are 13 of the 248 bytes.
  const auto asked = [](std::size_t length) {
    return atserver::parse_request_line("GET /@alice/" + std::string(length, 'k') + " HTTP/1.1");
  };
  CHECK(std::holds_alternative<atserver::PublicQuery>(asked(235)));
  for (const std::size_t length : {236, 248, 249}) {
    CAPTURE(length);
    const auto parsed = asked(length);
    REQUIRE(std::holds_alternative<HttpStatus>(parsed));
    CHECK(std::get<HttpStatus>(parsed) == HttpStatus::bad_request);
  }
}

TEST_CASE("other methods are refused by name", "[atserver][http][hostile]") {
  const auto* line = GENERATE("POST /@alice/x HTTP/1.1", "HEAD /@alice/x HTTP/1.1",
                              "get /@alice/x HTTP/1.1", "PUT /@alice/x HTTP/1.1");
  const auto parsed = atserver::parse_request_line(line);
  REQUIRE(std::holds_alternative<HttpStatus>(parsed));
  CHECK(std::get<HttpStatus>(parsed) == HttpStatus::method_not_allowed);
  CHECK(atserver::http_answer(HttpStatus::method_not_allowed).find("\r\nAllow: GET\r\n") !=
        std::string::npos);
}

TEST_CASE("a public record is answered whole", "[atserver][http][vectors]") {
  test::World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:public:publickey@alice K==");
  CHECK(answer(world, "/@alice/publickey") ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\nK==");
}

TEST_CASE("only public records that live now are found by HTTP", "[atserver][http][hostile]") {
  test::World world;
  auto alice = world.owner("@alice");
  world.say(alice, "update:a.demo@alice secret");
  world.say(alice, "update:@bob:b.demo@alice secret");
  world.say(alice, "update:ttl:1000:public:c.demo@alice v");
  world.say(alice, "update:ttb:5000:public:d.demo@alice v");
  world.put("@alice", "public:x.y.pkam.__pkams.__public_keys@alice", "{}");
  CHECK(status(answer(world, "/@alice/c.demo")) == "HTTP/1.1 200 OK");
  world.now += 1000;
  for (const auto* target : {"/@alice/a.demo", "/@alice/b.demo", "/@alice/c.demo", "/@alice/d.demo",
                             "/@alice/none", "/@alice/x.y.pkam.__pkams.__public_keys"}) {
    CAPTURE(target);
    CHECK(status(answer(world, target)) == "HTTP/1.1 404 Not Found");
  }
}

TEST_CASE("an atSign that is elsewhere is not said to have no such record", "[atserver][http]") {
  test::World world;
  auto bob = world.owner("@bob");
  world.say(bob, "update:public:publickey@bob K");
  CHECK(status(answer(world, "/@bob/publickey")) == "HTTP/1.1 421 Misdirected Request");
  CHECK(status(answer(world, "/@bob/publickey", nullptr)) == "HTTP/1.1 200 OK");
  CHECK(status(answer(world, "/@nobody/publickey", nullptr)) == "HTTP/1.1 421 Misdirected Request");
}

TEST_CASE("HTTP is spoken on the ports of atServer and directory to who asks for it",
          "[atserver][http]") {
  test::Running running;
  running.activate("alice");
  const auto login = running.login("alice");
  CHECK(login->ask("update:public:phone.demo@alice 123").starts_with("data:"));
  const auto client = http_client(running.platform->ca_file());
  const bool directory = GENERATE(false, true);
  const auto port = directory ? running.platform->directory_port() : running.port_of("alice");
  test::RawClient http(running.loop, client, port);
  http.send("GET /@alice/phone.demo HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n");
  const auto text = http.read();
  CHECK(status(text) == "HTTP/1.1 200 OK");
  CHECK(text.ends_with("\r\n\r\n123"));
  CHECK(http.read() == "(end)");
}

TEST_CASE("a header without end is cut off", "[atserver][http][hostile]") {
  test::Running running;
  running.activate("alice");
  const auto client = http_client(running.platform->ca_file());
  const auto port = running.port_of("alice");
  test::RawClient endless(running.loop, client, port);
  std::string header = "GET /@alice/x HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) header += "A: b\r\n";
  endless.send(header);
  CHECK(status(endless.read()) == "HTTP/1.1 431 Request Header Fields Too Large");
  test::RawClient wide(running.loop, client, port);
  wide.send("GET /@alice/" + std::string(20'000, 'x'));
  CHECK(status(wide.read()) == "HTTP/1.1 431 Request Header Fields Too Large");
}
