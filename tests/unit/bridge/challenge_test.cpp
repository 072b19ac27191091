// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/challenge.hpp"

#include <asio/io_context.hpp>
#include <asio/write.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "noports/net/stream.hpp"
#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

// Both ends of a connection, and an answer that notes what it was asked.
struct Door {
  Door() {
    auto acceptor = *net::listen(loop.get_executor(), "127.0.0.1", 0);
    const auto port = acceptor.local_endpoint().port();
    ours.emplace(*test::run(loop, net::dial("127.0.0.1", port, net::in(5s))));
    relay.emplace(*test::run(loop, net::accept(acceptor)));
  }
  bridge::RelayAuth auth() {
    return bridge::answer_challenge([this](std::string challenge) { return answer(challenge); });
  }
  asio::awaitable<Result<std::string>> answer(std::string challenge) {
    asked.push_back(challenge);
    if (challenge == "odd") co_return fail(Errc::bad_syntax, "not signed");
    co_return "answer to " + challenge + "\n";
  }
  // The relay says `first`, hears a line if `hears`, and says `verdict` then.
  asio::awaitable<Result<std::string>> play(std::string first, bool hears, std::string verdict) {
    auto said = co_await relay->write_all(std::move(first));
    if (!said) co_return fail(std::move(said).error());
    if (!hears) co_return std::string();
    auto answered = co_await relay->read_line();
    if (!answered) co_return answered;
    auto judged = co_await relay->write_all(std::move(verdict));
    if (!judged) co_return fail(std::move(judged).error());
    co_return answered;
  }
  asio::awaitable<Result<std::string>> knock(std::chrono::milliseconds patience) {
    const auto relay_auth = auth();
    auto passed = co_await relay_auth(*ours, net::in(patience));
    if (!passed) co_return fail(std::move(passed).error());
    co_return std::string("in");
  }
  Result<std::string> pass(std::string first, std::string verdict, bool hears = true,
                           std::chrono::milliseconds patience = 20s) {
    auto playing = net::before(net::in(patience), play(std::move(first), hears, verdict));
    auto [passed, heard] = test::run(loop, net::both(knock(patience), std::move(playing)));
    if (heard) line = *heard;
    return passed;
  }

  asio::io_context loop;
  std::optional<net::Socket> ours;
  std::optional<net::Stream> relay;
  std::vector<std::string> asked;
  std::string line;
};

}  // namespace

TEST_CASE("a relay's challenge is answered, and what follows its ok is the tunnel's",
          "[bridge][challenge]") {
  const auto* end = GENERATE("\n", "\r\n");
  Door door;
  const auto passed = door.pass("c0ffee" + std::string(end), "ok\nSSH-2.0");
  REQUIRE(passed);
  CHECK(door.asked == std::vector<std::string>{"c0ffee"});
  CHECK(door.line == "answer to c0ffee");
  net::Stream rest(*std::move(door.ours));
  const auto bytes = test::run(door.loop, rest.read_some());
  REQUIRE(bytes);
  CHECK(*bytes == "SSH-2.0");
}

TEST_CASE("every verdict but ok is a refusal", "[bridge][challenge][hostile]") {
  const auto* verdict = GENERATE("Socket auth failed\n", "OK\n", "ok \n", "ok\r\n", "\n\n\n");
  Door door;
  const auto passed = door.pass("c0ffee\n", verdict);
  REQUIRE_FALSE(passed);
  CHECK(passed.error().code() == Errc::rejected);
  CHECK(passed.error().hop() == Hop::relay);
}

TEST_CASE("a relay that talks too much before it is answered is not answered",
          "[bridge][challenge][hostile]") {
  const auto first = GENERATE(as<std::string>{}, "c0ffee\nok\n", "\n\n", std::string(20'000, 'c'));
  Door door;
  const auto passed = door.pass(first, "", false);
  REQUIRE_FALSE(passed);
  CHECK(passed.error().code() == Errc::bad_syntax);
  CHECK(passed.error().hop() == Hop::relay);
  CHECK(door.asked.empty());
}

TEST_CASE("a challenge that is not signed ends the attempt", "[bridge][challenge][hostile]") {
  Door door;
  const auto passed = door.pass("odd\n", "", false);
  REQUIRE_FALSE(passed);
  CHECK(passed.error().what() == "not signed");
}

TEST_CASE("a silent relay has its time, before its challenge and before its verdict",
          "[bridge][challenge][hostile]") {
  const auto* first = GENERATE("", "c0f", "c0ffee\n");
  Door door;
  const auto passed = door.pass(first, "", false, 50ms);
  REQUIRE_FALSE(passed);
  CHECK(passed.error().code() == Errc::timed_out);
}

TEST_CASE("a relay that hangs up is told as such", "[bridge][challenge][hostile]") {
  Door door;
  door.relay->close();
  const auto passed = test::run(door.loop, door.knock(20s));
  REQUIRE_FALSE(passed);
  CHECK(passed.error().code() == Errc::disconnected);
  CHECK(passed.error().hop() == Hop::relay);
}

TEST_CASE("a challenge is found however it is cut", "[bridge][challenge]") {
  const std::string line = "c0ffee\r\n";
  for (std::size_t size = 0; size < line.size(); ++size) {
    const auto heard = bridge::challenge_in(line.substr(0, size));
    REQUIRE(heard);
    CHECK_FALSE(*heard);
  }
  CHECK(**bridge::challenge_in(line) == "c0ffee");
  CHECK(**bridge::challenge_in(std::string(16'383, 'c') + "\n") == std::string(16'383, 'c'));
  CHECK_FALSE(bridge::challenge_in(std::string(16'384, 'c') + "\n"));
}
