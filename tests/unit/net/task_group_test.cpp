// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/task_group.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/loop.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

struct World {
  asio::io_context loop;
  std::vector<std::string> escaped;
  net::TaskGroup group{loop.get_executor(), [this](std::exception_ptr e) {
                         try {
                           std::rethrow_exception(e);
                         } catch (const std::exception& bug) {
                           escaped.push_back(bug.what());
                         }
                       }};
};

asio::awaitable<void> count(int& done) {
  co_await net::pause(1ms);
  ++done;
}
asio::awaitable<void> wait_for_ever(int& unwound) {
  try {
    co_await net::pause(1h);
  } catch (...) {
    ++unwound;
    throw;
  }
}
asio::awaitable<void> nothing() { co_return; }
asio::awaitable<void> bug() {
  co_await net::pause(1ms);
  throw std::runtime_error("a bug");
}
asio::awaitable<void> accept_for_ever(asio::io_context& loop) {
  asio::ip::tcp::acceptor acceptor(loop, asio::ip::tcp::endpoint(asio::ip::tcp::v4(), 0));
  co_await acceptor.async_accept(asio::use_awaitable);
}
asio::awaitable<void> joiner(net::TaskGroup& group, bool& joined) {
  co_await group.join();
  joined = true;
}
// An owner that has tasks of its own.
asio::awaitable<void> owner(asio::io_context& loop, int& unwound, bool& orderly) {
  net::TaskGroup children(loop.get_executor(), nullptr);
  for (int i = 0; i < 3; ++i) children.spawn(wait_for_ever(unwound));
  try {
    co_await net::scoped(children, net::pause(1h));
  } catch (...) {
    orderly = children.size() == 0 && unwound == 3;
    throw;
  }
}
asio::awaitable<Result<int>> seven() { co_return 7; }

}  // namespace

TEST_CASE("join returns after the last task", "[net][task_group]") {
  World world;
  int done = 0;
  for (int i = 0; i < 5; ++i) world.group.spawn(count(done));
  CHECK(world.group.size() == 5);
  test::run(world.loop, world.group.join());
  CHECK(done == 5);
  CHECK(world.group.size() == 0);
}

TEST_CASE("joining an empty group returns at once", "[net][task_group]") {
  World world;
  test::run(world.loop, world.group.join());
  world.group.spawn(nothing());
  test::run(world.loop, world.group.join());
  test::run(world.loop, world.group.join());
  CHECK(world.group.size() == 0);
}

TEST_CASE("several may join one group", "[net][task_group]") {
  World world;
  int done = 0;
  bool first = false, second = false;
  net::TaskGroup joiners(world.loop.get_executor(), nullptr);
  world.group.spawn(count(done));
  joiners.spawn(joiner(world.group, first));
  joiners.spawn(joiner(world.group, second));
  test::run(world.loop, joiners.join());
  CHECK((first && second));
}

TEST_CASE("cancel reaches timers, sockets and races", "[net][task_group]") {
  World world;
  int unwound = 0;
  world.group.spawn(wait_for_ever(unwound));
  world.group.spawn(accept_for_ever(world.loop));
  world.loop.poll();
  world.group.cancel();
  test::run(world.loop, world.group.join());
  CHECK(unwound == 1);
  CHECK(world.escaped.empty());
}

TEST_CASE("a group works on after a cancel", "[net][task_group]") {
  World world;
  int done = 0, unwound = 0;
  world.group.spawn(wait_for_ever(unwound));
  world.loop.poll();
  world.group.cancel();
  world.group.spawn(count(done));
  test::run(world.loop, world.group.join());
  CHECK(unwound == 1);
  CHECK(done == 1);
}

TEST_CASE("a bug in one task is told and the others go on", "[net][task_group]") {
  World world;
  int done = 0;
  world.group.spawn(bug());
  world.group.spawn(count(done));
  test::run(world.loop, world.group.join());
  CHECK(world.escaped == std::vector<std::string>{"a bug"});
  CHECK(done == 1);
}

TEST_CASE("a joiner that is cancelled leaves the tasks alone", "[net][task_group]") {
  World world;
  int unwound = 0;
  bool joined = false;
  net::TaskGroup joiners(world.loop.get_executor(), nullptr);
  world.group.spawn(wait_for_ever(unwound));
  joiners.spawn(joiner(world.group, joined));
  world.loop.poll();
  joiners.cancel();
  test::run(world.loop, joiners.join());
  CHECK_FALSE(joined);
  CHECK(unwound == 0);
  world.group.cancel();
  test::run(world.loop, world.group.join());
}

TEST_CASE("an owner that is cancelled takes its children with it", "[net][task_group]") {
  World world;
  int unwound = 0;
  bool orderly = false;
  world.group.spawn(owner(world.loop, unwound, orderly));
  world.loop.poll();
  world.group.cancel();
  world.group.cancel();  // a second one does not shorten the wait for the children
  test::run(world.loop, world.group.join());
  CHECK(orderly);
  CHECK(world.escaped.empty());
}

TEST_CASE("scoped gives the value of its operation after the group has ended",
          "[net][task_group]") {
  World world;
  int unwound = 0;
  world.group.spawn(wait_for_ever(unwound));
  const auto got = test::run(world.loop, net::scoped(world.group, seven()));
  CHECK(*got == 7);
  CHECK(unwound == 1);
}

TEST_CASE("a task that is cancelled before the loop came to it never begins", "[net][task_group]") {
  World world;
  int done = 0, unwound = 0;
  world.group.spawn(wait_for_ever(unwound));
  world.group.cancel();
  world.group.spawn(count(done));
  test::run(world.loop, world.group.join());
  CHECK(unwound == 0);
  CHECK(done == 1);
}

TEST_CASE("another thread may cancel a group", "[net][task_group]") {
  World world;
  int unwound = 0;
  world.group.spawn(wait_for_ever(unwound));
  std::thread other(world.group.canceller());
  test::run(world.loop, world.group.join());
  other.join();
  CHECK(unwound == 1);
}

TEST_CASE("a canceller outlives its group without harm", "[net][task_group]") {
  asio::io_context loop;
  auto group = std::make_unique<net::TaskGroup>(loop.get_executor(), nullptr);
  const auto cancel = group->canceller();
  cancel();
  group.reset();
  loop.run();
}
