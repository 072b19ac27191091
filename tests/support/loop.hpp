// SPDX-License-Identifier: BSD-3-Clause
// Running a coroutine to its end in a test, and waiting for a condition. Both give up after
// kPatience, so that a hang is a failure with a name.
//
//   asio::io_context loop;
//   const auto line = test::run(loop, stream.read_line());
//   REQUIRE(test::eventually(loop, [&] { return server.sessions() == 0; }));
#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace noports::test {

// Long enough for a sanitizer build on a busy machine.
inline constexpr std::chrono::seconds kPatience{60};

namespace detail {

template <class T>
asio::awaitable<void> keep_value(asio::awaitable<T> op, std::optional<T>& value) {
  value.emplace(co_await std::move(op));
}

// What the spawned coroutine tells of its end; it may outlive a run() that gave up.
struct Ended {
  bool is = false;
  std::exception_ptr escaped;
};

}  // namespace detail

// Lets the loop do what is due until `condition` holds. False when it does not within `patience`.
inline bool eventually(asio::io_context& loop, std::function<bool()> condition,
                       std::chrono::steady_clock::duration patience = kPatience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    if (loop.stopped()) loop.restart();  // it had run out of work
    // Short, because the condition may come true in another thread or process.
    loop.run_one_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Runs op, and whatever else the loop has to do, until op ends; its value or its exception. What
// else is under way on the loop stays there.
inline void run(asio::io_context& loop, asio::awaitable<void> op) {
  const auto ended = std::make_shared<detail::Ended>();
  asio::co_spawn(loop, std::move(op), [ended](std::exception_ptr e) {
    ended->is = true;
    ended->escaped = e;
  });
  if (!eventually(loop, [&] { return ended->is; })) {
    throw std::runtime_error("the coroutine under test did not end");
  }
  if (ended->escaped) std::rethrow_exception(ended->escaped);
}

template <class T>
T run(asio::io_context& loop, asio::awaitable<T> op) {
  std::optional<T> value;
  run(loop, detail::keep_value(std::move(op), value));
  return *std::move(value);
}

}  // namespace noports::test
