// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/pumps.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "noports/bridge/pair.hpp"
#include "support/loop.hpp"
#include "unit/bridge/doubles.hpp"
#include "unit/bridge/peer.hpp"

using namespace noports;
using namespace noports::bridge;
using test::Peer;

namespace {

// Left peer, pair under test, right peer; over TCP, because resets are TCP's.
struct World {
  World() : World(test::tcp_pair(), test::tcp_pair()) {}
  World(std::pair<Fd, Fd> l, std::pair<Fd, Fd> r)
      : left(std::move(l.first)),
        right(std::move(r.first)),
        inner_left(std::move(l.second)),
        inner_right(std::move(r.second)) {
    std::signal(SIGPIPE, SIG_IGN);
  }

  Pumps::Id join(Codecs codecs = {}, Prefixes prefixes = {}) {
    return pumps.join(Side(std::move(inner_left)), Side(std::move(inner_right)), std::move(codecs),
                      std::move(prefixes), note());
  }
  Pumps::OnEnd note() {
    return [this](Stats s, EndReason r) {
      stats = s;
      reason = r;
      ++ends;
    };
  }
  bool eventually(std::function<bool()> condition) {
    return test::eventually(loop, [&] {
      left.turn();
      right.turn();
      return condition();
    });
  }
  bool ended() {
    return eventually([&] { return ends != 0; });
  }

  asio::io_context loop;
  net::Poller poller{loop.get_executor()};
  Peer left, right;
  Fd inner_left, inner_right;
  int ends = 0;
  Stats stats;
  std::optional<EndReason> reason;
  Pumps pumps{poller};
};

}  // namespace

TEST_CASE("bytes go both ways, and an end of stream is passed on after the last of them",
          "[bridge]") {
  const bool tiny = GENERATE(false, true);  // buffers, to force partial writes
  auto l = tiny ? test::tiny_pair() : test::tcp_pair();
  auto r = tiny ? test::tiny_pair() : test::tcp_pair();
  World world(std::move(l), std::move(r));
  const auto up = test::pattern(3'000'000, 1), down = test::pattern(1'234'567, 2);
  world.join();
  world.left.say(up);
  world.left.end();
  REQUIRE(world.eventually([&] { return world.right.has_heard_end; }));
  CHECK(world.right.heard == up);
  CHECK(world.ends == 0);  // the other direction lives on
  CHECK_FALSE(world.left.has_heard_end);

  world.right.say(down);
  world.right.end();
  REQUIRE(world.ended());
  REQUIRE(world.eventually([&] { return world.left.has_heard_end; }));
  CHECK(world.left.heard == down);
  CHECK(world.reason == EndReason::finished);
  CHECK(world.stats.a_to_b == up.size());
  CHECK(world.stats.b_to_a == down.size());
  CHECK(world.pumps.size() == 0);
  CHECK(world.poller.size() == 0);
}

TEST_CASE("an end that comes with the bytes is not lost", "[bridge]") {
  World world;
  world.left.say("all of it");
  world.left.end();
  world.left.turn();  // bytes and FIN are there before the pair is
  world.right.end();
  world.right.turn();
  world.join();
  REQUIRE(world.ended());
  REQUIRE(world.eventually([&] { return world.right.has_heard_end; }));
  CHECK(world.right.heard == "all of it");
  CHECK(world.reason == EndReason::finished);
}

TEST_CASE("what was read before the join comes first", "[bridge]") {
  World world;
  Prefixes prefixes;
  prefixes.from_a = test::pattern(100'000, 3);
  prefixes.from_b = "b first,";
  world.left.say(" then this");
  world.right.say(" then that");
  world.join({}, prefixes);
  REQUIRE(world.eventually(
      [&] { return world.right.heard.size() == 100'010 && world.left.heard.size() == 18; }));
  CHECK(world.right.heard == prefixes.from_a + " then this");
  CHECK(world.left.heard == "b first, then that");
}

TEST_CASE("a reset is passed on as a reset", "[bridge]") {
  World world;
  const bool from_left = GENERATE(true, false);
  auto& breaking = from_left ? world.left : world.right;
  auto& other = from_left ? world.right : world.left;
  world.join();
  breaking.say("x");
  REQUIRE(world.eventually([&] { return other.heard == "x"; }));
  breaking.reset();
  REQUIRE(world.ended());
  CHECK(world.reason == EndReason::reset);
  REQUIRE(world.eventually([&] { return other.was_reset; }));
}

TEST_CASE("writing to a side that has said all and gone away ends the pair", "[bridge]") {
  World world;
  world.join();
  world.right.close();
  // The end of its stream is passed on; only bytes for it find out that nobody reads.
  REQUIRE(world.eventually([&] { return world.left.has_heard_end; }));
  CHECK(world.ends == 0);
  REQUIRE(world.eventually([&] {
    if (world.left.unsaid() == 0 && world.ends == 0) world.left.say("anybody?");
    return world.ends != 0;
  }));
  CHECK(world.reason == EndReason::finished);
}

TEST_CASE("a break that a write found is passed on after all that came before it", "[bridge]") {
  auto l = test::tcp_pair(), r = test::tcp_pair();
  for (const auto* fd : {&l.first, &l.second, &r.first, &r.second}) test::fix_buffers(*fd, 1 << 16);
  World world(std::move(l), std::move(r));
  world.join();
  world.left.pause();
  world.right.say(test::pattern(32 << 20, 4));  // more than fits: the pair is not reading any more
  std::size_t left_over = 0;
  int calm = 0;
  REQUIRE(world.eventually([&] {
    calm = world.right.unsaid() == left_over ? calm + 1 : 0;
    left_over = world.right.unsaid();
    return calm > 50;
  }));
  world.right.reset();
  REQUIRE(world.eventually([&] {
    if (world.left.unsaid() == 0) world.left.say("anybody?");
    return ++calm > 200;
  }));
  CHECK(world.ends == 0);
  world.left.resume();
  REQUIRE(world.ended());
  REQUIRE(world.eventually([&] { return world.left.was_reset; }));
  CHECK_FALSE(world.left.has_heard_end);
  CHECK(world.reason == EndReason::reset);
  CHECK(world.stats.b_broke);
  CHECK_FALSE(world.stats.a_broke);
  CHECK(world.left.heard.size() == world.stats.b_to_a);
}

TEST_CASE("a pair with one dead direction does not live for ever", "[bridge][hostile]") {
  World world;
  auto in = test::make_pipe(), out = test::make_pipe();
  Pumps pumps(world.poller, std::chrono::milliseconds(200));
  pumps.join(Side(std::move(in.first), std::move(out.second)), Side(std::move(world.inner_right)),
             {}, {}, world.note());
  out.first.close();  // as `| head` does, while the input stays open
  world.right.say(test::pattern(32 << 20, 4));
  CHECK(::write(in.second.get(), "still here", 10) == 10);
  REQUIRE(world.eventually([&] { return world.right.heard == "still here"; }));
  REQUIRE(world.ended());
  CHECK(world.reason == EndReason::reset);
  CHECK(world.stats.a_broke);
  REQUIRE(world.eventually([&] { return world.right.was_reset; }));
}

TEST_CASE("a paused reader stops its sender after a bounded number of bytes", "[bridge][hostile]") {
  auto l = test::tcp_pair(), r = test::tcp_pair();
  for (const auto* fd : {&l.first, &l.second, &r.first, &r.second}) test::fix_buffers(*fd, 1 << 18);
  World world(std::move(l), std::move(r));
  world.right.pause();
  world.join();
  const auto all = test::pattern(64 << 20, 4);
  world.left.say(all);
  std::size_t left_over = 0;
  int calm = 0;  // turns of the loop without progress
  REQUIRE(world.eventually([&] {
    calm = world.left.unsaid() == left_over ? calm + 1 : 0;
    left_over = world.left.unsaid();
    return calm > 50;
  }));
  // Kernel buffers of four sockets, half a megabyte each, and one chunk of ours.
  CHECK(all.size() - left_over < (8u << 20));
  world.right.resume();
  world.left.end();
  REQUIRE(world.eventually([&] { return world.right.has_heard_end; }));
  CHECK(world.right.heard == all);
}

TEST_CASE("a blocked direction does not hold up the other", "[bridge]") {
  World world;
  world.right.pause();
  world.join();
  world.left.say(test::pattern(32 << 20, 4));
  const auto down = test::pattern(5 << 20, 5);
  world.right.say(down);
  REQUIRE(world.eventually([&] { return world.left.heard.size() == down.size(); }));
  CHECK(world.left.heard == down);
}

TEST_CASE("abort resets both sides and is told from the loop, once", "[bridge]") {
  World world;
  const auto id = world.join();
  world.pumps.abort(id);
  world.pumps.abort(id);
  world.pumps.abort(id + 1);
  CHECK(world.ends == 0);
  CHECK(world.pumps.size() == 0);
  REQUIRE(world.ended());
  CHECK(world.reason == EndReason::aborted);
  REQUIRE(world.eventually([&] { return world.left.was_reset && world.right.was_reset; }));
  CHECK(world.ends == 1);
}

TEST_CASE("pumps that die reset their pairs and tell nobody", "[bridge]") {
  const auto before = test::open_descriptors();
  World world;
  {
    Pumps pumps(world.poller);
    pumps.join(Side(std::move(world.inner_left)), Side(std::move(world.inner_right)), {}, {},
               world.note());
    const auto [a, b] = test::tcp_pair();
    const auto doomed =
        pumps.join(Side(Fd(::dup(a.get()))), Side(Fd(::dup(b.get()))), {}, {}, world.note());
    pumps.abort(doomed);
  }
  REQUIRE(world.eventually([&] { return world.left.was_reset && world.right.was_reset; }));
  CHECK(world.ends == 0);
  CHECK(world.poller.size() == 0);
  world.left.close();
  world.right.close();
  // The loop's and the poller's own remain.
  CHECK(test::open_descriptors() <= before + 5);
}

TEST_CASE("a pair may be joined, and its pumps destroyed, from on_end", "[bridge]") {
  World world;
  auto pumps = std::make_unique<Pumps>(world.poller);
  auto second_left = test::tcp_pair(), second_right = test::tcp_pair();
  int seconds = 0;
  pumps->join(Side(std::move(world.inner_left)), Side(std::move(world.inner_right)), {}, {},
              [&](Stats, EndReason) {
                pumps->join(Side(std::move(second_left.second)),
                            Side(std::move(second_right.second)), {}, {},
                            [&](Stats, EndReason reason) {
                              CHECK(reason == EndReason::reset);
                              ++seconds;
                              pumps.reset();
                            });
              });
  world.left.reset();
  second_left.first.reset();
  REQUIRE(world.eventually([&] { return seconds == 1; }));
}

TEST_CASE("a pair that cannot be watched ends as failed, from the loop", "[bridge]") {
  World world;
  world.inner_right.close();
  world.join();
  CHECK(world.ends == 0);
  REQUIRE(world.ended());
  CHECK(world.reason == EndReason::failed);
  REQUIRE(world.eventually([&] { return world.left.was_reset; }));
}

TEST_CASE("pipes are a side: the end of output is a closed pipe", "[bridge]") {
  World world;
  auto in = test::make_pipe(), out = test::make_pipe();
  Peer writer(std::move(in.second)), reader(std::move(out.first));
  world.pumps.join(Side(std::move(in.first), std::move(out.second)),
                   Side(std::move(world.inner_right)), {}, {}, world.note());
  const auto down = test::pattern(500'000, 6), up = test::pattern(60'000, 7);
  world.right.say(down);
  world.right.end();
  REQUIRE(world.eventually([&] { return reader.turn().has_heard_end; }));
  CHECK(reader.heard == down);
  CHECK(world.ends == 0);
  CHECK(::write(writer.descriptor(), up.data(), up.size()) == static_cast<ssize_t>(up.size()));
  writer.close();
  REQUIRE(world.ended());
  REQUIRE(world.eventually([&] { return world.right.has_heard_end; }));
  CHECK(world.right.heard == up);
  CHECK(world.reason == EndReason::finished);
}

TEST_CASE("an idle pair costs less than 1 kB and no chunk", "[bridge]") {
  // A chunk is a pointer in Direction; what an idle pair holds is the object and its map node.
  CHECK(sizeof(Pair) + 64 < 1024);
  ChunkPool pool;
  auto [from, peer] = test::tcp_pair();
  auto [to, far] = test::tcp_pair();
  Fd source(std::move(from)), sink(std::move(to));
  REQUIRE(source.set_nonblocking());
  REQUIRE(sink.set_nonblocking());
  Direction direction(source.get(), sink.get(), nullptr, {}, Direction::kUnlimited);
  direction.may_read();
  direction.may_write();
  CHECK(::write(peer.get(), "x", 1) == 1);
  CHECK_FALSE(direction.turn(pool));
  CHECK(direction.written() == 1);
  CHECK_FALSE(direction.holds_chunk());
}

TEST_CASE("one hot pair leaves the others their turn", "[bridge]") {
  World world;
  auto hot_left = test::tcp_pair(), hot_right = test::tcp_pair();
  Peer source(std::move(hot_left.first)), drain(std::move(hot_right.first));
  world.pumps.join(Side(std::move(hot_left.second)), Side(std::move(hot_right.second)), {}, {}, {});
  world.join();
  source.say(test::pattern(16 << 20, 8));
  world.left.say("ping");
  // Long before the bulk is through, the small one has arrived.
  REQUIRE(world.eventually([&] {
    source.turn();
    drain.turn();
    return world.right.heard == "ping";
  }));
  CHECK(drain.heard.size() < (8u << 20));
}

TEST_CASE("before its first answer a side is written no more than its first flight", "[bridge]") {
  World world;
  const auto up = test::pattern(100'000, 9);
  Side relay(std::move(world.inner_right));
  relay.first_flight = 3000;
  world.left.say(up);
  world.left.turn();
  world.pumps.join(Side(std::move(world.inner_left)), std::move(relay), {}, {}, world.note());
  REQUIRE(world.eventually([&] { return world.right.heard.size() >= 3000; }));
  CHECK(world.right.heard.size() == 3000);
  const bool answers = GENERATE(true, false);  // or else time lifts it
  if (answers) world.right.say("!");
  REQUIRE(world.eventually([&] { return world.right.heard.size() == up.size(); }));
  CHECK(world.right.heard == up);
}
