// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/tcp.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <asio/read.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <catch2/catch.hpp>
#include <list>

#include "noports/net/resolve.hpp"
#include "noports/net/task_group.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

int option(net::Socket& socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  REQUIRE(getsockopt(socket.native_handle(), level, name, &value, &size) == 0);
  return value;
}

void check_prepared(net::Socket& socket) {
  CHECK(option(socket, IPPROTO_TCP, TCP_NODELAY) == 1);
  CHECK(option(socket, SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK((fcntl(socket.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
}

// Lets no descriptor be opened any more.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit now = before_;
    const int next = dup(0);  // the lowest number that is free
    REQUIRE(next >= 0);
    close(next);
    now.rlim_cur = static_cast<rlim_t>(next);
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~NoDescriptors() { lift(); }
  void lift() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = {};
};

// Listens on 127.0.0.1, but its queue is full, so that whoever connects gets no answer.
class Deaf {
 public:
  explicit Deaf(asio::io_context& loop) : acceptor_(loop, asio::ip::tcp::v4()) {
    acceptor_.bind(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    acceptor_.listen(0);
    const auto here = acceptor_.local_endpoint();
    for (int i = 0; i < 2; ++i) {
      auto& socket = waiting_.emplace_back(loop, asio::ip::tcp::v4());
      socket.native_non_blocking(true);
      (void)::connect(socket.native_handle(), here.data(), static_cast<socklen_t>(here.size()));
    }
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  net::Acceptor acceptor_;
  std::list<net::Socket> waiting_;
};

asio::awaitable<void> take_one(net::Acceptor& acceptor, std::optional<Result<net::Socket>>& got) {
  got.emplace(co_await net::accept(acceptor));
}

std::uint16_t port_of(const net::Acceptor& acceptor) { return acceptor.local_endpoint().port(); }

}  // namespace

TEST_CASE("dial reaches what listens, by name and by number", "[net][tcp]") {
  asio::io_context loop;
  const auto host = GENERATE(as<std::string>{}, "127.0.0.1", "localhost", "LocalHost");
  CAPTURE(host);
  auto acceptor = net::listen(loop.get_executor(), "localhost", 0);
  REQUIRE(acceptor);
  auto [there, here] = test::run(
      loop, net::both(net::dial(host, port_of(*acceptor), net::in(10s)), net::accept(*acceptor)));
  REQUIRE(there);
  REQUIRE(here);
  check_prepared(*there);
  check_prepared(*here);
  asio::write(*there, asio::buffer("x", 1));
  char byte = 0;
  asio::read(*here, asio::buffer(&byte, 1));
  CHECK(byte == 'x');
}

TEST_CASE("an address that refuses does not keep dial from the next one", "[net][tcp]") {
  asio::io_context loop;
  auto acceptor = net::listen(loop.get_executor(), "::1", 0);
  if (!acceptor) return;  // a machine without IPv6
  const auto socket =
      test::run(loop, net::dial("localhost", port_of(*acceptor), net::in(10s)));  // 127.0.0.1 first
  REQUIRE(socket);
  CHECK(socket->remote_endpoint().address().is_v6());
}

TEST_CASE("a refused connection names host and port", "[net][tcp]") {
  asio::io_context loop;
  std::uint16_t port = 0;
  {
    auto acceptor = net::listen(loop.get_executor(), "127.0.0.1", 0);
    port = port_of(*acceptor);
  }
  const auto socket = test::run(loop, net::dial("127.0.0.1", port, net::in(10s)));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().code() == Errc::disconnected);
  CHECK(socket.error().what() == "connection refused by 127.0.0.1:" + std::to_string(port));
  CHECK_FALSE(socket.error().hint().empty());
}

TEST_CASE("a host that does not answer is timed out", "[net][tcp]") {
  asio::io_context loop;
  Deaf deaf(loop);
  const auto socket = test::run(loop, net::dial("127.0.0.1", deaf.port(), net::in(20ms)));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().code() == Errc::timed_out);
  CHECK(socket.error().what() ==
        "connecting to 127.0.0.1:" + std::to_string(deaf.port()) + ": deadline passed");
}

TEST_CASE("an address that does not answer does not keep dial from the next one", "[net][tcp]") {
  asio::io_context loop;
  Deaf deaf(loop);
  auto acceptor = net::listen(loop.get_executor(), "::1", deaf.port());
  if (!acceptor) return;  // a machine without IPv6
  const auto socket = test::run(loop, net::dial("localhost", deaf.port(), net::in(15s)));
  REQUIRE(socket);
  CHECK(socket->remote_endpoint().address().is_v6());
}

TEST_CASE("a name that cannot exist is not found", "[net][tcp][hostile]") {
  asio::io_context loop;
  const auto host = GENERATE(as<std::string>{}, "", std::string("127.0.0.1\0.example", 18),
                             std::string(300, 'a'), "\x1b[31mred");
  const auto socket = test::run(loop, net::dial(host, 1, net::in(10s)));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().what().find('\x1b') == std::string::npos);
  CHECK((socket.error().code() == Errc::not_found || socket.error().code() == Errc::disconnected));
}

TEST_CASE("numeric hosts and localhost are resolved without a look-up", "[net][tcp]") {
  asio::io_context loop;
  const auto v6 = test::run(loop, net::resolve("::1", 7));
  REQUIRE(v6);
  CHECK(v6->size() == 1);
  CHECK(v6->front().port() == 7);
  CHECK(test::run(loop, net::resolve("localhost", 7))->size() == 2);
}

TEST_CASE("a port that is taken is busy and says where", "[net][tcp]") {
  asio::io_context loop;
  auto first = net::listen(loop.get_executor(), "127.0.0.1", 0);
  REQUIRE(first);
  const auto second = net::listen(loop.get_executor(), "127.0.0.1", port_of(*first));
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == Errc::busy);
  CHECK(second.error().what() ==
        "cannot listen on 127.0.0.1:" + std::to_string(port_of(*first)) + ": the port is in use");
}

TEST_CASE("listen refuses what is not an address of this machine", "[net][tcp][hostile]") {
  asio::io_context loop;
  CHECK(net::listen(loop.get_executor(), "example.com", 0).error().code() == Errc::config);
  CHECK(net::listen(loop.get_executor(), "", 0).error().code() == Errc::config);
  const auto foreign = net::listen(loop.get_executor(), "192.0.2.1", 0);
  CHECK(foreign.error().code() == Errc::busy);
  CHECK(foreign.error().what() ==
        "cannot listen on 192.0.2.1:0: the address does not belong to this machine");
}

TEST_CASE("accept waits out a shortage of descriptors", "[net][tcp]") {
  asio::io_context loop;
  auto acceptor = net::listen(loop.get_executor(), "127.0.0.1", 0);
  net::TaskGroup group(loop.get_executor(), nullptr);
  std::optional<Result<net::Socket>> first, got;
  net::Socket early(loop), client(loop);
  // Once without shortage; a sanitizer needs descriptors itself when it meets a type for the first
  // time, so everything that will happen below happens here before.
  early.connect(acceptor->local_endpoint());
  group.spawn(take_one(*acceptor, first));
  group.spawn(net::pause(1ms));
  test::run(loop, group.join());
  REQUIRE(first);
  client.connect(acceptor->local_endpoint());
  NoDescriptors shortage;
  group.spawn(take_one(*acceptor, got));
  loop.poll();
  const bool gave_up = got.has_value();
  shortage.lift();  // before anything else that may need one, like a sanitizer
  CHECK_FALSE(gave_up);
  test::run(loop, group.join());
  REQUIRE(got);
  CHECK(*got);
}

TEST_CASE("accept ends with its acceptor, and by cancellation", "[net][tcp]") {
  asio::io_context loop;
  auto acceptor = net::listen(loop.get_executor(), "127.0.0.1", 0);
  net::TaskGroup group(loop.get_executor(), nullptr);
  std::optional<Result<net::Socket>> got;
  group.spawn(take_one(*acceptor, got));
  loop.poll();
  SECTION("closed") {
    acceptor->close();
    test::run(loop, group.join());
    REQUIRE(got);
    CHECK(got->error().code() == Errc::cancelled);
  }
  SECTION("cancelled") {
    group.cancel();
    test::run(loop, group.join());
    CHECK_FALSE(got);
  }
}

TEST_CASE("endpoints are written with brackets where needed", "[net][tcp]") {
  CHECK(net::endpoint_text("relay.example", 443) == "relay.example:443");
  CHECK(net::endpoint_text("::1", 22) == "[::1]:22");
  CHECK(net::endpoint_text("[::1]", 22) == "[::1]:22");
  CHECK(net::endpoint_text("", 22) == ":22");
}
