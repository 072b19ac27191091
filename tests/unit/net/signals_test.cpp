// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/signals.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <asio/post.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "support/loop.hpp"

using namespace noports;

namespace {

// Set in the process under test: it reports through descriptor 3.
constexpr const char* kChild = "NOPORTS_SIGNALS_TEST_CHILD";
constexpr int kReport = 3;

void report(char byte) {
  if (::write(kReport, &byte, 1) != 1) _exit(1);
}

// Reports that it listens, then which signal came; then its loop hangs.
[[noreturn]] void listen_and_hang() {
  asio::io_context loop;
  // Two rounds of the loop from now: stop_signal() has begun to listen in the first one.
  asio::post(loop, [&loop] { asio::post(loop, [] { report('r'); }); });
  report(static_cast<char>(test::run(loop, net::stop_signal())));
  for (;;) ::pause();
}

// This test again in a process of its own, where it listens.
pid_t start_listener(const std::string& test, int out) {
  const std::string mark = std::string(kChild) + "=1";
  const pid_t child = fork();
  if (child != 0) return child;
  dup2(out, kReport);
  const char* environment[] = {mark.c_str(), nullptr};
  execle("/proc/self/exe", "unit_net", test.c_str(), nullptr, environment);
  _exit(1);
}

char read_one(int fd) {
  char byte = 0;
  REQUIRE(::read(fd, &byte, 1) == 1);
  return byte;
}

}  // namespace

TEST_CASE("the first signal is an event and the second one ends the process", "[net][signals]") {
  if (std::getenv(kChild)) listen_and_hang();
  std::array<int, 2> ends = {};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = start_listener(Catch::getResultCapture().getCurrentTestName(), ends[1]);
  REQUIRE(child > 0);
  ::close(ends[1]);  // so that its end, too, ends our reading
  CHECK(read_one(ends[0]) == 'r');
  kill(child, SIGTERM);
  CHECK(read_one(ends[0]) == SIGTERM);
  kill(child, SIGINT);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 128 + SIGINT);
  ::close(ends[0]);
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
