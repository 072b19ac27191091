// SPDX-License-Identifier: BSD-3-Clause
// Both twins pass these: poller.cpp, and poller_portable.cpp with NOPORTS_PORTABLE.
#include "noports/net/poller.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/post.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/loop.hpp"

using namespace noports;

namespace {

// Two connected non-blocking sockets.
class Pair {
 public:
  Pair() {
    std::array<int, 2> both = {};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, both.data()) == 0);
    near = both[0];
    far = both[1];
    for (const int fd : both) fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    close_near();
    close_far();
  }
  void close_near() { close_one(near); }
  void close_far() { close_one(far); }
  void send(std::string_view text) const {
    REQUIRE(::write(far, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

  int near = -1, far = -1;

 private:
  static void close_one(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

struct Recorder final : net::Watcher {
  void ready(int fd, bool readable, bool writable) override {
    ++calls;
    read_seen = read_seen || readable;
    write_seen = write_seen || writable;
    if (then) then(fd);
  }
  std::function<void(int)> then;
  int calls = 0;
  bool read_seen = false, write_seen = false;
};

std::string drain(int fd, std::size_t chunk = 4096) {
  std::string all;
  std::vector<char> buffer(chunk);
  for (;;) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

struct World {
  asio::io_context loop;
  net::Poller poller{loop.get_executor()};
};

}  // namespace

TEST_CASE("a watched descriptor is told writable, then readable, then its end", "[net][poller]") {
  World world;
  Pair pair;
  Recorder watcher;
  REQUIRE(world.poller.watch(pair.near, watcher));
  CHECK(watcher.calls == 0);  // never from inside watch()
  CHECK(world.poller.size() == 1);
  REQUIRE(test::eventually(world.loop, [&] { return watcher.write_seen; }));
  CHECK_FALSE(watcher.read_seen);
  pair.send("hello");
  REQUIRE(test::eventually(world.loop, [&] { return watcher.read_seen; }));
  CHECK(drain(pair.near) == "hello");
  watcher.read_seen = false;
  pair.close_far();
  REQUIRE(test::eventually(world.loop, [&] { return watcher.read_seen; }));
  world.poller.forget(pair.near);
  CHECK(world.poller.size() == 0);
}

TEST_CASE("the loop ends when nothing is watched any more", "[net][poller]") {
  World world;
  Pair pair;
  Recorder watcher;
  watcher.then = [&](int fd) { world.poller.forget(fd); };
  world.poller.watch(pair.near, watcher);
  world.loop.run();
  CHECK(watcher.calls == 1);
  // ... and it works again afterwards.
  world.loop.restart();
  world.poller.watch(pair.near, watcher);
  world.loop.run();
  CHECK(watcher.calls == 2);
}

TEST_CASE("what is watched twice or is no descriptor is refused", "[net][poller][hostile]") {
  World world;
  Pair pair;
  Recorder watcher;
  CHECK_FALSE(world.poller.watch(-1, watcher));
  const int closed = pair.far;
  pair.close_far();
  CHECK_FALSE(world.poller.watch(closed, watcher));
  CHECK(world.poller.watch(pair.near, watcher));
  CHECK_FALSE(world.poller.watch(pair.near, watcher));
  world.poller.forget(pair.near);
  world.poller.forget(pair.near);
  world.poller.forget(-1);
  world.poller.forget(100'000);
  world.poller.again(100'000);
  world.poller.again(pair.near);
  world.loop.run();
  CHECK(watcher.calls == 0);
}

TEST_CASE("after forget nothing is told, not even what is due", "[net][poller]") {
  World world;
  Pair a, b;
  Recorder first, second;
  // Whoever comes first forgets the other.
  first.then = [&](int) { world.poller.forget(b.near); };
  second.then = [&](int) { world.poller.forget(a.near); };
  world.poller.watch(a.near, first);
  world.poller.watch(b.near, second);
  world.poller.again(a.near);
  world.poller.again(b.near);
  REQUIRE(test::eventually(world.loop, [&] { return first.calls + second.calls > 0; }));
  a.send("x");
  b.send("x");
  world.loop.poll();
  CHECK((first.calls == 0 || second.calls == 0));
  CHECK(world.poller.size() == 1);
  world.poller.forget(a.near);
  world.poller.forget(b.near);
}

TEST_CASE("a descriptor's number that is used again at once does not inherit what was due",
          "[net][poller][hostile]") {
  World world;
  Pair a, b;
  std::optional<Pair> fresh;
  Recorder first, second, third;
  const auto replace = [&](Pair& old) {
    if (fresh) return;
    const int number = old.near;
    world.poller.forget(number);
    old.close_near();
    fresh.emplace();
    if (fresh->near != number) {  // take the number that has just become free
      REQUIRE(dup2(fresh->near, number) == number);
      fresh->close_near();
      fresh->near = number;
    }
    REQUIRE(world.poller.watch(number, third));
  };
  first.then = [&](int) { replace(b); };
  second.then = [&](int) { replace(a); };
  a.send("old");
  b.send("old");
  world.poller.watch(a.near, first);
  world.poller.watch(b.near, second);
  world.poller.again(a.near);
  world.poller.again(b.near);
  REQUIRE(test::eventually(world.loop, [&] { return third.calls > 0; }));
  CHECK((first.calls == 0 || second.calls == 0));
  CHECK_FALSE(third.read_seen);
  fresh->send("new");
  REQUIRE(test::eventually(world.loop, [&] { return third.read_seen; }));
  world.poller.forget(fresh->near);
  world.poller.forget(a.near);
  world.poller.forget(b.near);
}

TEST_CASE("again gives another turn, once, and everybody else theirs between", "[net][poller]") {
  World world;
  Pair pair;
  Recorder greedy;
  greedy.then = [&](int fd) {
    world.poller.again(fd);
    world.poller.again(fd);
  };
  world.poller.watch(pair.near, greedy);
  REQUIRE(test::eventually(world.loop, [&] { return greedy.calls > 0; }));
  for (int i = 0; i < 20; ++i) {
    const int before = greedy.calls;
    bool mine = false;
    asio::post(world.loop, [&] { mine = true; });
    REQUIRE(test::eventually(world.loop, [&] { return mine; }));
    CHECK(greedy.calls <= before + 2);
    REQUIRE(test::eventually(world.loop, [&] { return greedy.calls > before; }));
  }
  Pair other;
  Recorder quiet;
  world.poller.watch(other.near, quiet);
  REQUIRE(test::eventually(world.loop, [&] { return quiet.write_seen; }));
  other.send("x");
  REQUIRE(test::eventually(world.loop, [&] { return quiet.read_seen; }));
  world.poller.forget(pair.near);
  world.poller.forget(other.near);
}

TEST_CASE("again from outside a turn wakes the loop", "[net][poller]") {
  World world;
  Pair pair;
  Recorder watcher;
  world.poller.watch(pair.near, watcher);
  REQUIRE(test::eventually(world.loop, [&] { return watcher.calls > 0; }));
  watcher.read_seen = false;
  world.poller.again(pair.near);
  REQUIRE(test::eventually(world.loop, [&] { return watcher.read_seen; }));
  world.poller.forget(pair.near);
}

TEST_CASE("more descriptors than a batch are all told", "[net][poller]") {
  World world;
  const auto pairs = std::make_unique<std::array<Pair, 300>>();
  std::vector<Recorder> watchers(pairs->size());
  for (std::size_t i = 0; i < pairs->size(); ++i) {
    (*pairs)[i].send("x");
    REQUIRE(world.poller.watch((*pairs)[i].near, watchers[i]));
  }
  CHECK(test::eventually(world.loop, [&] {
    return std::all_of(watchers.begin(), watchers.end(), [](auto& w) { return w.read_seen; });
  }));
  for (auto& pair : *pairs) world.poller.forget(pair.near);
  CHECK(world.poller.size() == 0);
}

TEST_CASE("nothing is lost between a writer and a reader in small steps", "[net][poller]") {
  World world;
  Pair pair;
  constexpr std::size_t kTotal = 4'000'000;
  constexpr std::size_t kStep = 30'000;
  std::size_t sent = 0, got = 0;
  std::vector<char> out(kStep, 'o'), in(kStep);
  Recorder writer, reader;
  writer.then = [&](int fd) {  // one step for each turn, until the call would block
    const auto n = ::write(fd, out.data(), std::min(kStep, kTotal - sent));
    if (n > 0) sent += static_cast<std::size_t>(n);
    if (n > 0 && sent < kTotal) world.poller.again(fd);
  };
  reader.then = [&](int fd) {
    const auto n = ::read(fd, in.data(), in.size());
    if (n > 0) got += static_cast<std::size_t>(n);
    if (n > 0) world.poller.again(fd);
  };
  world.poller.watch(pair.near, reader);
  world.poller.watch(pair.far, writer);
  CHECK(test::eventually(world.loop, [&] { return got == kTotal; }));
  world.poller.forget(pair.near);
  world.poller.forget(pair.far);
}

TEST_CASE("what a watcher takes late, on another occasion, does not hide what comes next",
          "[net][poller]") {
  World world;
  Pair data, other;
  Recorder watcher;
  bool may_read = false;
  std::string got;
  watcher.then = [&](int) {
    if (may_read) got += drain(data.near);
  };
  world.poller.watch(data.near, watcher);
  world.poller.watch(other.near, watcher);
  data.send("early ");
  REQUIRE(test::eventually(world.loop, [&] { return watcher.read_seen; }));
  may_read = true;
  other.send("go");
  REQUIRE(test::eventually(world.loop, [&] { return got == "early "; }));
  for (int i = 0; i < 20; ++i) {
    got.clear();
    data.send("late");
    REQUIRE(test::eventually(world.loop, [&] { return got == "late"; }));
  }
  world.poller.forget(data.near);
  world.poller.forget(other.near);
}

TEST_CASE("a descriptor that cannot be waited for is always ready", "[net][poller]") {
  World world;
  const int null = ::open("/dev/null", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  Recorder watcher;
  watcher.then = [&](int fd) {
    watcher.calls < 3 ? world.poller.again(fd) : world.poller.forget(fd);
  };
  REQUIRE(world.poller.watch(null, watcher));
  CHECK(watcher.calls == 0);
  world.loop.run();
  CHECK(watcher.calls == 3);
  CHECK((watcher.read_seen && watcher.write_seen));
  ::close(null);
}

TEST_CASE("a watcher may end the poller", "[net][poller]") {
  asio::io_context loop;
  auto poller = std::make_unique<net::Poller>(loop.get_executor());
  Pair a, b;
  Recorder watcher;
  watcher.then = [&](int) {
    poller->forget(a.near);
    poller->forget(b.near);
    poller.reset();
  };
  poller->watch(a.near, watcher);
  poller->watch(b.near, watcher);
  poller->again(a.near);
  poller->again(b.near);
  loop.run();
  CHECK(watcher.calls == 1);
}
