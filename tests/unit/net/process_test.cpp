// SPDX-License-Identifier: BSD-3-Clause
// Both twins pass these: child_watch.cpp, and child_watch_portable.cpp with NOPORTS_PORTABLE.
#include "noports/net/process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "noports/net/signals.hpp"
#include "noports/net/spawn.hpp"
#include "noports/net/task_group.hpp"
#include "support/loop.hpp"
#include "support/temp_folder.hpp"

using namespace noports;

namespace {

Result<int> run(std::vector<std::string> argv) {
  asio::io_context loop;
  return test::run(loop, net::run(net::Command{std::move(argv)}));
}
Result<int> shell(std::string script) { return run({"sh", "-c", std::move(script)}); }

asio::awaitable<void> run_task(net::Command command, bool& ended) {
  (void)co_await net::run(std::move(command));
  ended = true;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

TEST_CASE("run returns the program's exit status", "[net][process]") {
  CHECK(*shell("exit 0") == 0);
  CHECK(*shell("exit 7") == 7);
  CHECK(*shell("kill -KILL $$") == 128 + SIGKILL);
}

TEST_CASE("arguments arrive as they are", "[net][process]") {
  CHECK(*run({"sh", "-c", "test \"$1\" = \"a  'b'\" && test -z \"$2\" && test $# = 2", "sh",
              "a  'b'", ""}) == 0);
}

TEST_CASE("a program that is not there is not found", "[net][process][hostile]") {
  const auto missing = run({"no-such-program-of-noports"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == Errc::not_found);
  CHECK(missing.error().what().find("no-such-program-of-noports") != std::string::npos);
  CHECK(run({}).error().code() == Errc::not_found);
}

TEST_CASE("no descriptor of ours but the first three is inherited", "[net][process]") {
  const int leaked = dup(0);  // not close-on-exec
  REQUIRE(leaked > 2);
  CHECK(*shell("test ! -e /proc/$$/fd/" + std::to_string(leaked)) == 0);
  close(leaked);
}

TEST_CASE("signals that we ignore are at their default in the program", "[net][process]") {
  net::ignore_broken_pipes();
  CHECK(*shell("kill -PIPE $$; exit 3") == 128 + SIGPIPE);
}

TEST_CASE("several programs run side by side, and others' children are left alone",
          "[net][process]") {
  asio::io_context loop;
  const auto stranger = net::detail::spawn({"sh", "-c", "exit 9"});
  REQUIRE(stranger);
  const auto [a, b] = test::run(
      loop, net::both(net::run({{"sh", "-c", "exit 1"}}), net::run({{"sh", "-c", "exit 2"}})));
  CHECK(*a == 1);
  CHECK(*b == 2);
  int status = 0;
  REQUIRE(waitpid(*stranger, &status, 0) == *stranger);
  CHECK(WEXITSTATUS(status) == 9);
}

TEST_CASE("a program is told to end when its run is cancelled, and waited for", "[net][process]") {
  asio::io_context loop;
  const test::TempFolder folder;
  const auto file = folder.path() / "said";
  const std::string script = "trap 'echo ended >> " + file.string() + "; exit' TERM; echo up > " +
                             file.string() + "; while :; do sleep 0.02; done";
  bool ended = false;
  net::TaskGroup group(loop.get_executor(), nullptr);
  net::Command command;
  command.argv = {"sh", "-c", script};
  group.spawn(run_task(command, ended));
  REQUIRE(test::eventually(loop, [&] { return content(file) == "up\n"; }));
  group.cancel();
  group.cancel();
  test::run(loop, group.join());
  CHECK_FALSE(ended);
  CHECK(content(file) == "up\nended\n");
}
