// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/stream.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "noports/net/race.hpp"
#include "noports/net/tls.hpp"
#include "support/certificates.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct Pair {
  std::unique_ptr<net::Stream> near, far;
};

asio::awaitable<Result<std::unique_ptr<net::Stream>>> accept_one(net::Acceptor& acceptor,
                                                                 net::TlsContext context) {
  auto socket = co_await net::accept(acceptor);
  if (!context) co_return std::make_unique<net::Stream>(*std::move(socket), 20);
  co_return co_await net::accept_tls(context, *std::move(socket), net::in(10s));
}

asio::awaitable<Result<std::unique_ptr<net::Stream>>> dial_one(std::uint16_t port,
                                                               net::TlsContext context) {
  if (context) co_return co_await net::dial_tls(context, "localhost", port, net::in(10s));
  auto socket = co_await net::dial("localhost", port, net::in(10s));
  co_return std::make_unique<net::Stream>(*std::move(socket), 20);
}

struct World {
  asio::io_context loop;

  Pair pair(bool tls) {
    test::Authority authority;
    auto acceptor = net::listen(loop.get_executor(), "127.0.0.1", 0);
    auto [near, far] = test::run(
        loop, net::both(dial_one(acceptor->local_endpoint().port(),
                                 tls ? authority.client_context() : nullptr),
                        accept_one(*acceptor, tls ? authority.server_context() : nullptr)));
    REQUIRE(near);
    REQUIRE(far);
    return Pair{*std::move(near), *std::move(far)};
  }
  void send(net::Stream& stream, std::string bytes) {
    REQUIRE(test::run(loop, stream.write_all(std::move(bytes))));
  }
};

}  // namespace

TEST_CASE("lines and bytes cross a stream", "[net][stream]") {
  World world;
  auto [near, far] = world.pair(GENERATE(false, true));
  world.send(*near, "one\ntwo\r\nrest");
  CHECK(*test::run(world.loop, far->read_line()) == "one");
  CHECK(*test::run(world.loop, far->read_line()) == "two");
  CHECK(far->pending() == "rest");
  CHECK(*test::run(world.loop, far->read_some(3)) == "res");
  CHECK(*test::run(world.loop, far->read_some(3)) == "t");
  world.send(*far, "answer\n");
  CHECK(*test::run(world.loop, near->read_line()) == "answer");
}

TEST_CASE("a large text arrives whole", "[net][stream]") {
  World world;
  auto [near, far] = world.pair(GENERATE(false, true));
  std::string sent(3'000'000, 'x');
  for (std::size_t i = 0; i < sent.size(); i += 1000) sent[i] = static_cast<char>('a' + i % 26);
  auto collect = [](net::Stream& from, std::size_t size) -> asio::awaitable<Result<std::string>> {
    std::string all;
    while (all.size() < size) all += *co_await from.read_some();
    co_return all;
  };
  const auto [wrote, got] =
      test::run(world.loop, net::both(near->write_all(sent), collect(*far, sent.size())));
  CHECK(wrote);
  CHECK((*got == sent));
}

TEST_CASE("the end of a stream is an empty text, and an error for a line", "[net][stream]") {
  World world;
  auto [near, far] = world.pair(GENERATE(false, true));
  world.send(*near, "half a li");
  near->close();  // with TLS: without a farewell
  SECTION("bytes") {
    CHECK(*test::run(world.loop, far->read_some()) == "half a li");
    const auto end = test::run(world.loop, far->read_some());
    REQUIRE(end);
    CHECK(end->empty());
  }
  SECTION("line") {
    const auto line = test::run(world.loop, far->read_line());
    REQUIRE_FALSE(line);
    CHECK(line.error().code() == Errc::disconnected);
    CHECK(line.error().what() ==
          "reading from " + far->peer() + ": the other side closed the connection");
  }
}

TEST_CASE("a line that does not end is an error", "[net][stream][hostile]") {
  World world;
  auto [near, far] = world.pair(false);
  world.send(*near, std::string(21, 'x'));
  CHECK(test::run(world.loop, far->read_line()).error().code() == Errc::bad_syntax);
}

TEST_CASE("a read that times out ends at once", "[net][stream]") {
  World world;
  auto [near, far] = world.pair(GENERATE(false, true));
  const auto line = test::run(world.loop, net::before(net::in(1ms), far->read_line()));
  CHECK(line.error().code() == Errc::timed_out);
  far->close();
}

TEST_CASE("reading and writing go on at the same time", "[net][stream]") {
  World world;
  auto [near, far] = world.pair(GENERATE(false, true));
  auto talk = [](net::Stream& stream) -> asio::awaitable<Result<std::string>> {
    auto asked = co_await stream.read_line();
    const auto answered = co_await stream.write_all("answer to " + *asked + "\n");
    CHECK(answered);
    co_return asked;
  };
  auto ask = [](net::Stream& stream) -> asio::awaitable<Result<std::string>> {
    auto [answer, sent] = co_await net::both(stream.read_line(), stream.write_all("it\n"));
    CHECK(sent);
    co_return answer;
  };
  const auto [answer, rest] = test::run(world.loop, net::both(ask(*near), talk(*far)));
  CHECK(*rest == "it");
  CHECK(*answer == "answer to it");
}

TEST_CASE("close ends an operation that waits, as a value", "[net][stream]") {
  World world;
  auto [near, far] = world.pair(GENERATE(false, true));
  auto close = [](net::Stream& stream) -> asio::awaitable<Result<void>> {
    co_await net::pause(1ms);
    stream.close();
    co_return Result<void>();
  };
  const auto [line, closed] = test::run(world.loop, net::both(far->read_line(), close(*far)));
  REQUIRE_FALSE(line);
  CHECK(line.error().code() == Errc::cancelled);
  CHECK(far->peer().starts_with("127.0.0.1:"));
}
