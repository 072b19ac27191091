// SPDX-License-Identifier: BSD-3-Clause
#include "noports/client/ask_relays.hpp"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "noports/client/ask_relay.hpp"
#include "noports/log/escape.hpp"
#include "noports/log/log.hpp"
#include "noports/net/task_group.hpp"

namespace noports::client {
namespace {

class Asking {
 public:
  Asking(asio::any_io_executor executor, atclient::Mailbox& mail, std::vector<at::Atsign> relays,
         std::chrono::milliseconds head_start)
      : mail_(mail),
        head_start_(head_start),
        relays_(std::move(relays)),
        answers_(relays_.size()),
        changed_(executor),
        tasks_(executor, log::escapes("client")) {}

  net::TaskGroup& tasks() noexcept { return tasks_; }

  asio::awaitable<Result<RelayLease>> run(proto::DeviceName device, proto::LeaseRequest request,
                                          net::Deadline deadline) {
    for (std::size_t i = 0; i < relays_.size() && !winner_; ++i) {
      tasks_.spawn(ask(i, device, request, deadline));
      const bool is_last = i + 1 == relays_.size();
      const auto until = is_last ? deadline : std::min(deadline, net::in(head_start_));
      while (!winner_ && is_open(i, is_last) && std::chrono::steady_clock::now() < until) {
        co_await wait(until);
      }
    }
    // Those that were asked have the same deadline, and end at it.
    while (!winner_ && is_anyone_awaited()) co_await wait(net::Deadline::max());
    if (!winner_) co_return fail(nobody());
    co_return RelayLease{relays_[*winner_], **std::move(answers_[*winner_])};
  }

 private:
  asio::awaitable<void> ask(std::size_t index, proto::DeviceName device,
                            proto::LeaseRequest request, net::Deadline deadline) {
    auto lease =
        co_await ask_relay(mail_, relays_[index], std::move(device), std::move(request), deadline);
    if (!lease) {
      log::info("client", "a relay is of no use",
                {{"relay", relays_[index].str()}, {"why", lease.error().what()}});
    }
    if (lease && !winner_) winner_ = index;
    answers_[index].emplace(std::move(lease));
    changed_.cancel();
  }

  // Whether the next relay has to wait still: for the last there is none.
  bool is_open(std::size_t index, bool is_last) const {
    return is_last ? is_anyone_awaited() : !answers_[index];
  }
  bool is_anyone_awaited() const {
    return std::any_of(answers_.begin(), answers_.end(), [](const auto& a) { return !a; });
  }

  asio::awaitable<void> wait(net::Deadline until) {
    changed_.expires_at(until);
    co_await changed_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    co_await net::checkpoint();
  }

  Error nobody() const {
    auto error = answers_.front()->error();
    if (relays_.size() == 1) return error;
    std::string others;
    for (std::size_t i = 1; i < relays_.size(); ++i) {
      others += (i == 1 ? "" : ", ") + relays_[i].str();
    }
    return Error(error.code(), error.hop(), error.what() + "; neither is " + others + " of use")
        .hint(error.hint());
  }

  atclient::Mailbox& mail_;
  std::chrono::milliseconds head_start_;
  std::vector<at::Atsign> relays_;
  std::vector<std::optional<Result<proto::Lease>>> answers_;  // of those that have ended
  std::optional<std::size_t> winner_;
  asio::steady_timer changed_;
  net::TaskGroup tasks_;
};

}  // namespace

asio::awaitable<Result<RelayLease>> ask_relays(atclient::Mailbox& mail,
                                               std::vector<at::Atsign> relays,
                                               proto::DeviceName device,
                                               proto::LeaseRequest request, net::Deadline deadline,
                                               std::chrono::milliseconds head_start) {
  const auto executor = co_await asio::this_coro::executor;
  Asking asking(executor, mail, std::move(relays), head_start);
  auto ended = co_await net::scoped(asking.tasks(),
                                    asking.run(std::move(device), std::move(request), deadline));
  co_return ended;
}

}  // namespace noports::client
