// SPDX-License-Identifier: BSD-3-Clause
#include "common/terminal.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

using namespace noports;

namespace {

// What a child did that was asked at a terminal of its own: its status, and what the terminal
// showed.
struct Shown {
  int status = -1;
  std::string screen;
};

std::size_t count_questions(const std::string& screen) {
  std::size_t count = 0;
  for (auto at = screen.find("Word: "); at != screen.npos; at = screen.find("Word: ", at + 1)) {
    ++count;
  }
  return count;
}

bool shows_what_is_typed(int terminal) {
  termios mode{};
  REQUIRE(::tcgetattr(terminal, &mode) == 0);
  return (mode.c_lflag & ECHO) != 0;
}

// Types the next line when it is asked for and the echo is off; ^C again and again, because one
// that comes between the question and the wait for its answer is only noted.
Shown at_terminal(const std::function<int()>& child, const std::vector<std::string>& typed) {
  int terminal = -1;
  const auto pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(pid >= 0);
  if (pid == 0) ::_exit(child());
  Shown shown;
  std::size_t answered = 0;
  for (bool is_open = true; is_open;) {
    pollfd readable{terminal, POLLIN, 0};
    if (::poll(&readable, 1, 10) > 0) {
      char piece[256];
      const auto count = ::read(terminal, piece, sizeof piece);
      is_open = count > 0;  // EIO: the child has gone
      if (is_open) shown.screen.append(piece, static_cast<std::size_t>(count));
      continue;
    }
    if (count_questions(shown.screen) <= answered || shows_what_is_typed(terminal)) continue;
    const auto& line = typed.at(answered);
    REQUIRE(::write(terminal, line.data(), line.size()) > 0);
    if (line.ends_with('\n')) ++answered;
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  ::close(terminal);
  shown.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return shown;
}

// 0 for the word "open sesame", 1 for another, 2 and 3 for errors.
int ask(apps::Asked how) {
  const auto secret = apps::ask_secret("Word: ", how);
  if (secret) return secret->text() == "open sesame" ? 0 : 1;
  return secret.error().code() == Errc::cancelled ? 3 : 2;
}

}  // namespace

TEST_CASE("a secret is asked on the terminal and not shown", "[apps][terminal]") {
  const auto shown = at_terminal([] { return ask(apps::Asked::once); }, {"open sesame\n"});
  CHECK(shown.status == 0);
  CHECK(shown.screen.find("Word: ") != std::string::npos);
  CHECK(shown.screen.find("sesame") == std::string::npos);
}

TEST_CASE("a new secret is asked twice, and a slip is found", "[apps][terminal]") {
  const auto child = [] { return ask(apps::Asked::twice); };
  CHECK(at_terminal(child, {"open sesame\n", "open sesame\n"}).status == 0);
  CHECK(at_terminal(child, {"open sesame\n", "open sesam\n"}).status == 2);
}

TEST_CASE("^C at the question ends it", "[apps][terminal]") {
  CHECK(at_terminal([] { return ask(apps::Asked::once); }, {"open\x03"}).status == 3);
}

TEST_CASE("an empty line is no secret", "[apps][terminal]") {
  CHECK(at_terminal([] { return ask(apps::Asked::once); }, {"\n"}).status == 2);
}

TEST_CASE("without a terminal nothing is read from stdin instead", "[apps][terminal]") {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  REQUIRE(::write(pipe[1], "open sesame\n", 12) == 12);
  const auto pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::setsid();  // no controlling terminal any more
    ::dup2(pipe[0], STDIN_FILENO);
    ::_exit(ask(apps::Asked::once));
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  CHECK(WEXITSTATUS(status) == 2);
  ::close(pipe[0]);
  ::close(pipe[1]);
}
