// SPDX-License-Identifier: BSD-3-Clause
#include "common/run.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <cstdlib>
#include <iostream>
#include <utility>
#include <vector>

#include "noports/base/text.hpp"
#include "noports/log/escape.hpp"
#include "noports/net/signals.hpp"
#include "noports/net/task_group.hpp"

namespace noports::apps {
namespace {

using namespace std::chrono_literals;

struct Run {
  explicit Run(std::string name) : program(std::move(name)) {}
  std::string program;
  asio::cancellation_signal stop_work, stop_watch;
  int status = 1;
  int signal = 0;  // the one that stopped us
  int tasks = 2;   // of whole() and watch()
};

// A loop is not destroyed: its destructor would wait for a name look-up that nobody wants any
// more (getaddrinfo cannot be interrupted). Kept reachable, it is no leak.
asio::io_context& make_loop() {
  static std::vector<asio::io_context*> kept;
  kept.push_back(new asio::io_context(1));
  return *kept.back();
}

asio::awaitable<void> whole(Run& run, std::function<asio::awaitable<Result<int>>()> work) {
  auto ended = co_await work();
  if (run.signal != 0) co_return;  // what failed then, failed because we stopped it
  run.status = ended ? *ended : report(run.program, ended.error());
}

asio::awaitable<void> watch(Run& run) {
  run.signal = co_await net::stop_signal();
  run.stop_work.emit(asio::cancellation_type::terminal);
  co_await net::pause(5s);
  std::_Exit(128 + run.signal);
}

void note_escape(Run& run, std::exception_ptr e) {
  if (!e || net::is_cancellation(e)) return;
  std::cerr << run.program + ": internal error: " + printable(log::text_of(e)) + "\n" << std::flush;
  run.status = 1;
}

}  // namespace

namespace detail {

asio::awaitable<std::exception_ptr> caught(asio::awaitable<void> op) {
  std::exception_ptr escaped;
  try {
    co_await std::move(op);
  } catch (...) {
    escaped = std::current_exception();
  }
  co_return escaped;
}

}  // namespace detail

int run(const std::string& program, std::function<asio::awaitable<Result<int>>()> work) {
  net::ignore_broken_pipes();
  auto& loop = make_loop();
  Run state(program);
  const auto ended = [&] {
    if (--state.tasks == 0) loop.stop();
  };
  asio::co_spawn(loop, watch(state),
                 asio::bind_cancellation_slot(state.stop_watch.slot(), [&](std::exception_ptr e) {
                   note_escape(state, e);
                   ended();
                 }));
  asio::co_spawn(loop, whole(state, std::move(work)),
                 asio::bind_cancellation_slot(state.stop_work.slot(), [&](std::exception_ptr e) {
                   note_escape(state, e);
                   state.stop_watch.emit(asio::cancellation_type::terminal);
                   ended();
                 }));
  loop.run();
  return state.signal != 0 ? 128 + state.signal : state.status;
}

}  // namespace noports::apps
