// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/process.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <asio/this_coro.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/net/race.hpp"
#include "noports/net/spawn.hpp"

extern char** environ;

namespace noports::net {
namespace {

// How long a program that was told to end may take over it.
constexpr std::chrono::seconds kGrace{5};

constexpr int kSignalBase = 128;  // a shell's way to say "ended by signal n"

class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&files_);
    posix_spawnattr_init(&attributes_);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    // Ours are close-on-exec; this is for those that were handed to us.
    posix_spawn_file_actions_addclosefrom_np(&files_, 3);
#endif
    sigset_t none, ours;
    sigemptyset(&none);
    sigemptyset(&ours);
    for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) sigaddset(&ours, number);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &ours);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawn_file_actions_t* files() const noexcept { return &files_; }
  const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

// Until the child has ended, whatever becomes of the coroutine that waits. Runs with exceptions of
// cancellation off.
asio::awaitable<int> outlive(pid_t child) {
  bool told = false;
  for (;;) {
    if (const auto status = detail::status_of(child)) co_return *status;
    const auto limit = told ? in(kGrace) : Deadline::max();
    const auto changed = co_await before(limit, detail::child_change(child));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (told && !changed) {
      kill(child, SIGKILL);
    } else if (state.cancelled() != asio::cancellation_type::none && !told) {
      kill(child, SIGTERM);
      told = true;
    }
  }
}

}  // namespace

Result<pid_t> detail::spawn(const std::vector<std::string>& argv) {
  if (argv.empty()) return fail(Errc::not_found, "no program is named");
  std::vector<std::string> words = argv;  // posix_spawn wants them writable
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const SpawnPlan plan;
  pid_t child = -1;
  const int failed = posix_spawnp(&child, pointers.front(), plan.files(), plan.attributes(),
                                  pointers.data(), environ);
  if (failed == 0) return child;
  return fail(Error(Errc::not_found,
                    "cannot start " + printable(argv.front()) + ": " + std::strerror(failed))
                  .hint("install it, or add its folder to PATH"));
}

std::optional<int> detail::status_of(pid_t child) noexcept {
  int status = 0;
  const pid_t got = waitpid(child, &status, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return std::nullopt;
  if (got < 0) return 255;
  if (WIFSIGNALED(status)) return kSignalBase + WTERMSIG(status);
  return WEXITSTATUS(status);
}

asio::awaitable<Result<int>> run(Command command) {
  const auto child = detail::spawn(command.argv);
  if (!child) co_return fail(child.error());
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const int status = co_await outlive(*child);
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_await checkpoint();
  co_return status;
}

}  // namespace noports::net
