// SPDX-License-Identifier: BSD-3-Clause
#include "common/run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "common/background.hpp"

using namespace noports;
using namespace std::chrono_literals;

namespace {

asio::awaitable<Result<int>> ends_with(int status) { co_return status; }
asio::awaitable<Result<int>> fails() {
  co_return fail(Error(Errc::timed_out, Hop::relay, "asking @relay: deadline passed").hint("wait"));
}
asio::awaitable<Result<int>> throws() {
  throw std::logic_error("a bug");
  co_return 0;
}
asio::awaitable<Result<int>> waits() {
  co_await net::pause(60s);
  co_return 0;
}
asio::awaitable<void> note(bool& closed) {
  co_await net::pause(1ms);  // waiting must be possible again
  closed = true;
}
asio::awaitable<Result<int>> interrupted(bool& closed) {
  ::raise(SIGTERM);
  co_return co_await apps::finally(waits(), [&] { return note(closed); });
}

struct Captured {
  std::ostringstream text;
  std::streambuf* before = std::cerr.rdbuf(text.rdbuf());
  ~Captured() { std::cerr.rdbuf(before); }
};

// Runs `work` in a process of its own; its exit status and what it wrote to stdout.
std::pair<int, std::string> in_process(const std::function<int()>& work) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::_exit(work());
  }
  ::close(ends[1]);
  std::string out;
  char bytes[256];
  for (;;) {
    const auto got = ::read(ends[0], bytes, sizeof bytes);
    if (got <= 0) break;
    out.append(bytes, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
}

}  // namespace

TEST_CASE("a program ends with the status of its work", "[apps]") {
  CHECK(apps::run("tool", [] { return ends_with(0); }) == 0);
  CHECK(apps::run("tool", [] { return ends_with(17); }) == 17);
}

TEST_CASE("an error becomes one sentence and its status", "[apps]") {
  Captured captured;
  CHECK(apps::run("tool", fails) == 8);
  CHECK(captured.text.str() == "tool: asking @relay: deadline passed; wait\n");
}

TEST_CASE("an error becomes one JSON object when asked for", "[apps]") {
  Captured captured;
  apps::set_json_errors(true);
  CHECK(apps::run("tool", fails) == 8);
  apps::set_json_errors(false);
  CHECK(captured.text.str() ==
        "{\"code\":\"timed_out\",\"hop\":\"relay\",\"error\":\"asking @relay: deadline passed\","
        "\"hint\":\"wait\"}\n");
}

TEST_CASE("a bug ends the program with a sentence, not with a crash", "[apps]") {
  Captured captured;
  CHECK(apps::run("tool", throws) == 1);
  CHECK(captured.text.str() == "tool: internal error: a bug\n");
}

TEST_CASE("a signal cancels the work, which may still clean up", "[apps]") {
  const auto [status, out] = in_process([] {
    bool closed = false;
    const int ended = apps::run("tool", [&] { return interrupted(closed); });
    return closed ? ended : 1;
  });
  CHECK(status == 128 + SIGTERM);
}

TEST_CASE("the background form gives its line and lets go of the caller", "[apps]") {
  int hold[2];  // the process in the background lives until the test lets go of it
  REQUIRE(::pipe(hold) == 0);
  const auto [status, out] = in_process([&] {
    ::close(hold[1]);
    auto background = apps::Background::enter();
    if (!background) return 1;
    background->ready("40001");
    char byte;
    return ::read(hold[0], &byte, 1) == 0 ? 0 : 1;
  });
  // in_process() saw the end of stdout although that process is still there.
  CHECK(status == 0);
  CHECK(out == "40001\n");
  ::close(hold[0]);
  ::close(hold[1]);
}

TEST_CASE("the background form that fails passes its status on", "[apps]") {
  const auto [status, out] = in_process([] {
    auto background = apps::Background::enter();
    return background ? 8 : 1;
  });
  CHECK(status == 8);
  CHECK(out.empty());
}
