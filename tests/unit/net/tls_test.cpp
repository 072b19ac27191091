// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/tls.hpp"

#include <openssl/ssl.h>

#include <asio/write.hpp>
#include <catch2/catch.hpp>

#include "noports/net/task_group.hpp"
#include "support/certificates.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

using Dialled = Result<std::unique_ptr<net::Stream>>;

asio::awaitable<Dialled> accept_one(net::Acceptor& acceptor, net::TlsContext context) {
  auto socket = co_await net::accept(acceptor);
  co_return co_await net::accept_tls(context, *std::move(socket), net::in(10s));
}

struct World {
  asio::io_context loop;
  test::Authority authority;
  net::Acceptor acceptor = *net::listen(loop.get_executor(), "127.0.0.1", 0);
  std::uint16_t port = acceptor.local_endpoint().port();

  std::pair<Dialled, Dialled> meet(net::TlsContext client, net::TlsContext server,
                                   const std::string& host = "localhost") {
    return test::run(loop, net::both(net::dial_tls(client, host, port, net::in(10s)),
                                     accept_one(acceptor, server)));
  }
  std::string here() const { return "localhost:" + std::to_string(port); }
};

}  // namespace

TEST_CASE("a certificate for the name or the address is accepted", "[net][tls]") {
  World world;
  const auto host = GENERATE(as<std::string>{}, "localhost", "127.0.0.1");
  CAPTURE(host);
  const auto [near, far] =
      world.meet(world.authority.client_context(), world.authority.server_context(), host);
  CHECK(near);
  CHECK(far);
}

TEST_CASE("a certificate of an unknown authority is rejected", "[net][tls][hostile]") {
  World world;
  test::Authority stranger;
  const auto [near, far] = world.meet(world.authority.client_context(), stranger.server_context());
  REQUIRE_FALSE(near);
  CHECK(near.error().code() == Errc::rejected);
  CHECK(near.error().what() == "the certificate of " + world.here() +
                                   " is not trusted: unable to get local issuer certificate");
  CHECK(near.error().hint().find("--ca-file") != std::string::npos);
  REQUIRE_FALSE(far);
  CHECK(far.error().code() == Errc::disconnected);
}

TEST_CASE("a certificate for another name is rejected", "[net][tls][hostile]") {
  World world;
  test::LeafWish other;
  other.names = {"DNS:example.com", "IP:127.0.0.2"};
  const auto host = GENERATE(as<std::string>{}, "localhost", "127.0.0.1");
  const auto [near, far] =
      world.meet(world.authority.client_context(), world.authority.server_context(other), host);
  REQUIRE_FALSE(near);
  CHECK(near.error().code() == Errc::rejected);
  CHECK(near.error().what().find("mismatch") != std::string::npos);
}

TEST_CASE("a name in the certificate does not stand for an address", "[net][tls][hostile]") {
  World world;
  test::LeafWish text;
  text.names = {"DNS:127.0.0.1"};
  const auto [near, far] = world.meet(world.authority.client_context(),
                                      world.authority.server_context(text), "127.0.0.1");
  REQUIRE_FALSE(near);
  CHECK(near.error().code() == Errc::rejected);
}

TEST_CASE("a certificate outside its time is rejected", "[net][tls][hostile]") {
  World world;
  test::LeafWish wish;
  wish.valid_from = GENERATE(-7200L, 3600L);
  wish.valid_until = wish.valid_from + 3600;
  const auto [near, far] =
      world.meet(world.authority.client_context(), world.authority.server_context(wish));
  REQUIRE_FALSE(near);
  CHECK(near.error().code() == Errc::rejected);
  CHECK(near.error().hint().find("clock") != std::string::npos);
}

TEST_CASE("an extra authority is added to the replaced store", "[net][tls]") {
  World world;
  test::Authority other;
  net::Trust trust = other.trust();
  trust.extra_ca = world.authority.ca_file();
  const auto [near, far] =
      world.meet(*net::client_context(trust), world.authority.server_context());
  CHECK(near);
}

TEST_CASE("a peer that does not speak TLS is an error with a name", "[net][tls][hostile]") {
  World world;
  auto plain = [](net::Acceptor& acceptor) -> asio::awaitable<Result<void>> {
    auto socket = co_await net::accept(acceptor);
    net::Stream stream(*std::move(socket));
    co_return co_await stream.write_all("SSH-2.0-OpenSSH_9.2\r\n and some more of it\r\n");
  };
  const auto [near, far] =
      test::run(world.loop, net::both(net::dial_tls(world.authority.client_context(), "localhost",
                                                    world.port, net::in(10s)),
                                      plain(world.acceptor)));
  REQUIRE_FALSE(near);
  CHECK(near.error().code() == Errc::disconnected);
  CHECK(near.error().what().starts_with("TLS handshake with " + world.here()));
}

TEST_CASE("a client that says nothing is timed out", "[net][tls][hostile]") {
  World world;
  net::Socket silent(world.loop);
  silent.connect(world.acceptor.local_endpoint());
  auto serve = [](net::Acceptor& acceptor, net::TlsContext context) -> asio::awaitable<Dialled> {
    auto socket = co_await net::accept(acceptor);
    co_return co_await net::accept_tls(context, *std::move(socket), net::in(5ms));
  };
  const auto far = test::run(world.loop, serve(world.acceptor, world.authority.server_context()));
  REQUIRE_FALSE(far);
  CHECK(far.error().code() == Errc::timed_out);
}

TEST_CASE("a handshake is cancelled from outside", "[net][tls]") {
  World world;
  auto shake = [](World& w, bool& ended) -> asio::awaitable<void> {
    (void)co_await net::dial_tls(w.authority.client_context(), "localhost", w.port, net::in(1h));
    ended = true;
  };
  net::TaskGroup group(world.loop.get_executor(), nullptr);
  bool ended = false;
  group.spawn(shake(world, ended));
  const auto socket = test::run(world.loop, net::accept(world.acceptor));
  REQUIRE(socket);
  group.cancel();
  test::run(world.loop, group.join());
  CHECK_FALSE(ended);
}

TEST_CASE("versions before TLS 1.2 are refused by either side", "[net][tls][hostile]") {
  World world;
  auto client = world.authority.client_context();
  CHECK(SSL_CTX_get_min_proto_version(client->native_handle()) == TLS1_2_VERSION);
  auto server = world.authority.server_context();
  CHECK(SSL_CTX_get_min_proto_version(server->native_handle()) == TLS1_2_VERSION);
  CHECK(SSL_CTX_get_num_tickets(server->native_handle()) == 0);
  CHECK(SSL_CTX_get_verify_mode(client->native_handle()) == SSL_VERIFY_PEER);
}

TEST_CASE("TLS 1.2 peers are served", "[net][tls]") {
  World world;
  auto old = world.authority.client_context();
  SSL_CTX_set_max_proto_version(old->native_handle(), TLS1_2_VERSION);
  const auto [near, far] = world.meet(old, world.authority.server_context());
  CHECK(near);
  CHECK(far);
}

TEST_CASE("files that are missing or wrong are a matter of configuration", "[net][tls][hostile]") {
  test::Authority authority, other;
  const auto leaf = authority.issue();
  net::Trust missing;
  missing.cert_file = "/nonexistent/ca.pem";
  CHECK(net::client_context(missing).error().code() == Errc::config);
  net::Trust no_folder;
  no_folder.cert_dir = "/nonexistent";
  CHECK(net::client_context(no_folder).error().code() == Errc::config);
  net::Trust no_certificate = authority.trust();
  no_certificate.extra_ca = leaf.key;
  CHECK(net::client_context(no_certificate).error().code() == Errc::config);
  CHECK(net::server_context(leaf.chain, "/nonexistent").error().code() == Errc::config);
  CHECK(net::server_context(leaf.key, leaf.key).error().code() == Errc::config);
  CHECK(net::server_context(leaf.chain, authority.issue().key).error().code() == Errc::config);
}

TEST_CASE("the system's trust loads without being told where it is", "[net][tls]") {
  const auto context = net::client_context(net::Trust());
  if (!context) {
    CHECK(context.error().code() == Errc::config);  // a machine without ca-certificates
  } else {
    CHECK(SSL_CTX_get_verify_mode((*context)->native_handle()) == SSL_VERIFY_PEER);
  }
}
