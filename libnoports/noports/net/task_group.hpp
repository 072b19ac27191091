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
#include <memory>
#include <optional>
#include <utility>

#include "noports/net/race.hpp"

namespace noports::net {

// One loop's: every call but those of canceller() comes from the loop's thread. The owner calls
// cancel() and awaits join() before the members that its tasks use die; scoped() does both.
class TaskGroup {
 public:
  // `on_escape` hears of exceptions other than cancellation that end a task (a bug; the rest goes
  // on). It must not throw.
  TaskGroup(asio::any_io_executor executor, std::function<void(std::exception_ptr)> on_escape);
  ~TaskGroup();  // the group must be empty
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // On the loop's thread the task runs at once, up to its first wait. It takes values, and
  // references to what outlives the group's join().
  void spawn(asio::awaitable<void> task);
  // Every task's next wait, or the one it is in, ends with operation_aborted; a task that the loop
  // has not begun yet ends without having run. The group may be used on afterwards.
  void cancel();
  // Returns when no task is left, at once when there is none. A joiner that is cancelled itself
  // while tasks remain throws; scoped() does not.
  asio::awaitable<void> join();
  // A function that cancels the group from any thread, at some time after it was called; without
  // effect once the group is gone. Its loop must still exist.
  std::function<void()> canceller() const;
  std::size_t size() const noexcept { return signals_.size(); }
  asio::any_io_executor executor() const noexcept { return executor_; }

 private:
  asio::any_io_executor executor_;
  std::function<void(std::exception_ptr)> on_escape_;
  std::list<asio::cancellation_signal> signals_;  // one for each task that runs
  asio::steady_timer emptied_;                    // never expires; cancelled to wake joiners
  std::shared_ptr<TaskGroup*> self_;              // what canceller() finds the group by
};

namespace detail {
asio::awaitable<void> run_scoped(TaskGroup& group, asio::awaitable<void> op);
}  // namespace detail

// Runs `op`; however it ends, by value, by exception, by cancellation from outside, cancels and
// joins `group`, and then ends as op did. For an owner that is a task itself and may be cancelled.
template <class T>
asio::awaitable<Result<T>> scoped(TaskGroup& group, asio::awaitable<Result<T>> op) {
  std::optional<Result<T>> ended;
  co_await detail::run_scoped(group, detail::keep(std::move(op), ended));
  co_return *std::move(ended);
}
inline asio::awaitable<void> scoped(TaskGroup& group, asio::awaitable<void> op) {
  return detail::run_scoped(group, std::move(op));
}

// Whether an exception is asio's cancellation.
bool is_cancellation(std::exception_ptr e) noexcept;

}  // namespace noports::net
