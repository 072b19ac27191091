// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/signals.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <asio/post.hpp>
#include <catch2/catch.hpp>

#include "noports/net/race.hpp"
#include "support/loop.hpp"

using namespace noports;

namespace {

// In a process of its own: says through `out` that it listens, then which signal came, then hangs.
[[noreturn]] void wait_for_signals(asio::io_context& loop, int out) {
  auto say = [out](char byte) {
    if (::write(out, &byte, 1) != 1) _exit(1);
  };
  // Two rounds of the loop from now: stop_signal() has begun to listen in the first one.
  asio::post(loop, [&loop, say] { asio::post(loop, [say] { say('r'); }); });
  const int number = test::run(loop, net::stop_signal());
  say(static_cast<char>(number));
  for (;;) ::pause();
}

char read_one(int fd) {
  char byte = 0;
  REQUIRE(::read(fd, &byte, 1) == 1);
  return byte;
}

}  // namespace

TEST_CASE("the first signal is an event, the second one ends the process", "[net][signals]") {
  std::array<int, 2> ends = {};
  REQUIRE(::pipe(ends.data()) == 0);
  asio::io_context loop;
  loop.notify_fork(asio::execution_context::fork_prepare);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    loop.notify_fork(asio::execution_context::fork_child);
    wait_for_signals(loop, ends[1]);
  }
  loop.notify_fork(asio::execution_context::fork_parent);
  CHECK(read_one(ends[0]) == 'r');
  kill(child, SIGTERM);
  CHECK(read_one(ends[0]) == SIGTERM);
  kill(child, SIGINT);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 128 + SIGINT);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a closed pipe is an error code and not an end", "[net][signals]") {
  net::ignore_broken_pipes();
  std::array<int, 2> ends = {};
  REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[0]);
  CHECK(::write(ends[1], "x", 1) == -1);
  CHECK(errno == EPIPE);
  ::close(ends[1]);
}
