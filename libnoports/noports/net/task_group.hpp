// SPDX-License-Identifier: BSD-3-Clause
// The owner of spawned coroutines: cancels them together, waits for the last of them.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>

namespace noports::net {

// One loop's. The owner calls cancel() and awaits join() before the members that its tasks use die.
class TaskGroup {
 public:
  // `on_escape` hears of exceptions other than cancellation that end a task (a bug; the rest goes
  // on). It must not throw.
  TaskGroup(asio::any_io_executor executor, std::function<void(std::exception_ptr)> on_escape);
  ~TaskGroup();  // the group must be empty
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(asio::awaitable<void> task);
  void cancel();
  asio::awaitable<void> join();  // returns when no task is left
  std::size_t size() const noexcept { return signals_.size(); }
  asio::any_io_executor executor() const noexcept { return executor_; }

 private:
  asio::any_io_executor executor_;
  std::function<void(std::exception_ptr)> on_escape_;
  std::list<asio::cancellation_signal> signals_;
  asio::steady_timer emptied_;
};

// Whether an exception is asio's cancellation.
bool is_cancellation(std::exception_ptr e) noexcept;

}  // namespace noports::net
