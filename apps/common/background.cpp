// SPDX-License-Identifier: BSD-3-Clause
#include "common/background.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace noports::apps {
namespace {

volatile std::sig_atomic_t child_to_stop = 0;

extern "C" void pass_on(int signal) {
  if (child_to_stop > 0) ::kill(child_to_stop, signal);
}

Error io_error(const char* doing) {
  return Error(Errc::io, std::string("going to the background: ") + doing + ": " +
                             std::generic_category().message(errno));
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody listens any more
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Everything until the other end is closed.
std::string read_all(int fd) {
  std::string all;
  char bytes[512];
  for (;;) {
    const auto got = ::read(fd, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return all;
    all.append(bytes, static_cast<std::size_t>(got));
  }
}

int status_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 1;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

[[noreturn]] void be_parent(pid_t child, int pipe) {
  child_to_stop = child;
  std::signal(SIGINT, pass_on);
  std::signal(SIGTERM, pass_on);
  const auto line = read_all(pipe);
  if (line.empty()) std::_Exit(status_of(child));
  write_all(STDOUT_FILENO, line);
  std::_Exit(0);
}

void to_null(int fd, int flags) {
  const int null = ::open("/dev/null", flags | O_CLOEXEC);
  if (null < 0) return;
  ::dup2(null, fd);
  ::close(null);
}

}  // namespace

Result<Background> Background::enter() {
  int ends[2];
  if (::pipe(ends) != 0) return fail(io_error("pipe"));
  ::fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  const auto child = ::fork();
  if (child < 0) {
    auto error = io_error("fork");
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(std::move(error));
  }
  ::close(ends[child == 0 ? 0 : 1]);
  if (child > 0) be_parent(child, ends[0]);
  to_null(STDIN_FILENO, O_RDONLY);
  to_null(STDOUT_FILENO, O_WRONLY);
  return Background(ends[1]);
}

Background::~Background() {
  if (pipe_ >= 0) ::close(pipe_);
}

void Background::ready(const std::string& line) {
  if (pipe_ < 0) return;
  ::setsid();
  to_null(STDERR_FILENO, O_WRONLY);  // before the parent leaves: its caller may wait for stderr too
  write_all(pipe_, line + "\n");
  ::close(pipe_);
  pipe_ = -1;
}

}  // namespace noports::apps
