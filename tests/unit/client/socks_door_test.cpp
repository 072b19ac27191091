// SPDX-License-Identifier: BSD-3-Clause
// The conversation at a local SOCKS port, with a program on the other end of a real socket.
#include "noports/client/socks_door.hpp"

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "support/loop.hpp"

using namespace noports;
using namespace std::string_literals;

namespace {

// A program's socket, moved by hand, and ours.
struct Meeting {
  Meeting() {
    auto acceptor = *net::listen(loop.get_executor(), "127.0.0.1", 0);
    program.connect(acceptor.local_endpoint());
    auto accepted = test::run(loop, net::accept(acceptor));
    REQUIRE(accepted);
    ours.emplace(*std::move(accepted));
  }
  void say(const std::string& bytes) { asio::write(program, asio::buffer(bytes)); }
  std::string hear(std::size_t size) {
    std::string bytes(size, '\0');
    asio::read(program, asio::buffer(bytes));
    return bytes;
  }
  Result<proto::Endpoint> wish(std::chrono::milliseconds patience = test::kPatience) {
    return test::run(loop, client::hear_socks(*ours, net::in(patience)));
  }

  asio::io_context loop;
  net::Socket program{loop};
  std::optional<net::Socket> ours;
};

}  // namespace

TEST_CASE("a program says at the SOCKS port where it wants to go", "[client][socks]") {
  Meeting meeting;
  meeting.say("\x05\x02\x02\x00"s);
  meeting.say("\x05\x01\x00\x03\x04host\x00\x50GET /"s);  // without waiting, as some do
  const auto wish = meeting.wish();
  REQUIRE(wish);
  CHECK(*wish == proto::Endpoint{"host", 80});
  CHECK(meeting.hear(2) == "\x05\x00"s);
  const auto told = test::run(
      meeting.loop,
      client::answer_socks(*meeting.ours, proto::SocksReply::succeeded, net::in(test::kPatience)));
  REQUIRE(told);
  CHECK(meeting.hear(10) == proto::encode(proto::SocksReply::succeeded));
  // What it said early is still on the socket, for the destination.
  std::string early(5, '\0');
  asio::read(*meeting.ours, asio::buffer(early));
  CHECK(early == "GET /");
}

TEST_CASE("a program that insists on a password is told that there is none", "[client][socks]") {
  Meeting meeting;
  meeting.say("\x05\x01\x02"s);
  const auto wish = meeting.wish();
  REQUIRE_FALSE(wish);
  CHECK(wish.error().code() == Errc::refused);
  CHECK(meeting.hear(2) == "\x05\xFF"s);
}

TEST_CASE("a SOCKS command that is none of ours is answered", "[client][socks][hostile]") {
  Meeting meeting;
  meeting.say("\x05\x01\x00"s + "\x05\x03\x00\x01\x7F\x00\x00\x01\x00\x16"s);
  const auto wish = meeting.wish();
  REQUIRE_FALSE(wish);
  CHECK(wish.error().code() == Errc::refused);
  CHECK(meeting.hear(2) == "\x05\x00"s);
  CHECK(meeting.hear(10) == proto::encode(proto::SocksReply::command_not_supported));
}

TEST_CASE("garbage, an early end and silence at the SOCKS port are errors",
          "[client][socks][hostile]") {
  Meeting meeting;
  SECTION("garbage") {
    meeting.say("GET / HTTP/1.1\r\n");
    CHECK(meeting.wish().error().code() == Errc::bad_syntax);
  }
  SECTION("an early end") {
    meeting.say("\x05"s);
    meeting.program.close();
    CHECK(meeting.wish().error().code() == Errc::disconnected);
  }
  SECTION("silence") {
    meeting.say("\x05\x02"s);
    CHECK(meeting.wish(std::chrono::milliseconds(20)).error().code() == Errc::timed_out);
  }
}

TEST_CASE("programs are told in SOCKS's words why a destination is not reached",
          "[client][socks]") {
  CHECK(client::socks_reply_of(Error(Errc::refused, "")) == proto::SocksReply::not_allowed);
  CHECK(client::socks_reply_of(Error(Errc::timed_out, "")) == proto::SocksReply::host_unreachable);
  CHECK(client::socks_reply_of(Error(Errc::busy, "")) == proto::SocksReply::failed);
}
