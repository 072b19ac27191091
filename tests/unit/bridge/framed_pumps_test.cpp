// SPDX-License-Identifier: BSD-3-Clause
// Pumps with codecs that change lengths, refuse, and end before the transport does.
#include <catch2/catch.hpp>
#include <optional>

#include "noports/bridge/pumps.hpp"
#include "support/loop.hpp"
#include "unit/bridge/doubles.hpp"
#include "unit/bridge/peer.hpp"

using namespace noports;
using namespace noports::bridge;
using test::Peer;

namespace {

// left -- (seals) -- middle -- (opens) -- right; the middle is what a relay would see.
struct Chain {
  Chain() {
    auto l = test::tcp_pair(), m = test::tcp_pair(), r = test::tcp_pair();
    left.emplace(std::move(l.first));
    right.emplace(std::move(r.second));
    Codecs sealing{std::make_unique<test::RecordSealer>(), nullptr};
    Codecs opening{std::make_unique<test::RecordOpener>(), nullptr};
    pumps.join(Side(std::move(l.second)), Side(std::move(m.first)), std::move(sealing), {},
               [this](Stats s, EndReason) { sealed = s; });
    pumps.join(Side(std::move(m.second)), Side(std::move(r.first)), std::move(opening), {},
               [this](Stats, EndReason r2) { reason = r2; });
  }
  bool eventually(std::function<bool()> condition) {
    return test::eventually(loop, [&] {
      left->turn();
      right->turn();
      return condition();
    });
  }

  asio::io_context loop;
  net::Poller poller{loop.get_executor()};
  std::optional<Peer> left, right;
  std::optional<Stats> sealed;
  std::optional<EndReason> reason;
  Pumps pumps{poller};
};

// An opener fed by hand.
struct Opening {
  Opening() {
    auto l = test::tcp_pair(), r = test::tcp_pair();
    left.emplace(std::move(l.first));
    right.emplace(std::move(r.second));
    Codecs codecs{std::make_unique<test::RecordOpener>(), nullptr};
    pumps.join(Side(std::move(l.second)), Side(std::move(r.first)), std::move(codecs), {},
               [this](Stats, EndReason r2) { reason = r2; });
  }
  bool eventually(std::function<bool()> condition) {
    return test::eventually(loop, [&] {
      left->turn();
      right->turn();
      return condition();
    });
  }

  asio::io_context loop;
  net::Poller poller{loop.get_executor()};
  std::optional<Peer> left, right;
  std::optional<EndReason> reason;
  Pumps pumps{poller};
};

std::string sealed(std::string body) {
  test::RecordSealer sealer;
  std::string room(body.size() + 4, '\0');
  std::copy(body.begin(), body.end(), room.begin() + 3);
  const auto bytes = std::as_writable_bytes(std::span(room));
  const auto step = sealer.apply(Window{bytes, 3, 3 + body.size()});
  CHECK(step.produced.size() == room.size());
  return room;
}

}  // namespace

TEST_CASE("a codec that changes lengths carries a stream and its authenticated end", "[bridge]") {
  Chain chain;
  const auto text = test::pattern(2'345'678, 1);
  chain.left->say(text);
  chain.left->end();
  REQUIRE(chain.eventually([&] { return chain.right->has_heard_end; }));
  CHECK(chain.right->heard == text);
  chain.right->end();
  REQUIRE(chain.eventually([&] { return chain.reason && chain.sealed; }));
  CHECK(chain.reason == EndReason::finished);
  CHECK(chain.sealed->a_to_b >= text.size() + 4 * (text.size() / 1000 + 1));
}

TEST_CASE("records are opened however they are cut", "[bridge]") {
  Opening world;
  const auto records =
      sealed("one") + sealed(std::string(1000, 'x')) + sealed("three") + sealed("");
  for (const char byte : records) {
    world.left->say(std::string(1, byte));
    world.left->turn();
    world.loop.poll();
    world.loop.restart();
  }
  REQUIRE(world.eventually([&] { return world.right->has_heard_end; }));
  CHECK(world.right->heard == "one" + std::string(1000, 'x') + "three");
}

TEST_CASE("a stream may end before its transport does", "[bridge]") {
  Opening world;
  world.left->say(sealed("all") + sealed("") + sealed("nobody's"));
  REQUIRE(world.eventually([&] { return world.right->has_heard_end; }));
  CHECK(world.right->heard == "all");
  CHECK_FALSE(world.reason);
  world.right->end();
  REQUIRE(world.eventually([&] { return world.reason.has_value(); }));
  CHECK(world.reason == EndReason::finished);
}

TEST_CASE("a changed record ends the pair before anything of it is passed on",
          "[bridge][hostile]") {
  Opening world;
  auto changed = sealed("drop table");
  changed[5] ^= 1;
  world.left->say(sealed("select;") + changed + sealed("commit"));
  REQUIRE(world.eventually([&] { return world.reason.has_value(); }));
  CHECK(world.reason == EndReason::refused);
  REQUIRE(world.eventually([&] { return world.right->was_reset; }));
  // A reset may overtake even the genuine record; the rest must never arrive.
  CHECK((world.right->heard == "select;" || world.right->heard.empty()));
}

TEST_CASE("a stream that is cut off does not end like a whole one", "[bridge][hostile]") {
  const auto piece = GENERATE_COPY(sealed("half"), sealed("half").substr(0, 4), std::string());
  Opening world;
  world.left->say(piece);
  world.left->end();
  REQUIRE(world.eventually([&] { return world.reason.has_value(); }));
  CHECK(world.reason == EndReason::refused);
  REQUIRE(world.eventually([&] { return world.right->was_reset; }));
  CHECK_FALSE(world.right->has_heard_end);
}
