// SPDX-License-Identifier: BSD-3-Clause
#include "noports/net/task_group.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cassert>
#include <system_error>

namespace noports::net {

TaskGroup::TaskGroup(asio::any_io_executor executor,
                     std::function<void(std::exception_ptr)> on_escape)
    : executor_(std::move(executor)),
      on_escape_(std::move(on_escape)),
      emptied_(executor_, asio::steady_timer::time_point::max()),
      self_(std::make_shared<TaskGroup*>(this)) {}

TaskGroup::~TaskGroup() { assert(signals_.empty()); }

void TaskGroup::spawn(asio::awaitable<void> task) {
  const auto mine = signals_.emplace(signals_.end());
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(mine->slot(), [this, mine](std::exception_ptr e) {
                   signals_.erase(mine);
                   if (signals_.empty()) emptied_.cancel();
                   if (e && !is_cancellation(e) && on_escape_) on_escape_(e);
                 }));
}

void TaskGroup::cancel() {
  for (auto next = signals_.begin(); next != signals_.end();) {
    (next++)->emit(asio::cancellation_type::terminal);  // the task may end and erase its own
  }
}

asio::awaitable<void> TaskGroup::join() {
  // Woken both by the last task's end and by a cancellation of this coroutine; after the latter the
  // next co_await throws, unless the coroutine has asked asio for the contrary as run_scoped() has.
  while (!signals_.empty()) {
    co_await emptied_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  }
}

std::function<void()> TaskGroup::canceller() const {
  return [executor = executor_, group = std::weak_ptr<TaskGroup*>(self_)] {
    asio::post(executor, [group] {
      if (const auto alive = group.lock()) (*alive)->cancel();
    });
  };
}

bool is_cancellation(std::exception_ptr e) noexcept {
  if (!e) return false;
  try {
    std::rethrow_exception(e);
  } catch (const std::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

asio::awaitable<void> detail::run_scoped(TaskGroup& group, asio::awaitable<void> op) {
  std::exception_ptr escaped;
  try {
    co_await std::move(op);
  } catch (...) {
    escaped = std::current_exception();
  }
  // A cancelled coroutine may still wait for its children.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  group.cancel();
  co_await group.join();
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (escaped) std::rethrow_exception(escaped);
}

}  // namespace noports::net
