// SPDX-License-Identifier: BSD-3-Clause
// The notification stream of one atSign, kept up and resumed without loss or repeat
// (atprotocol-wire.md 3.14). Says what it hears; does not decrypt.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "noports/at/notification.hpp"
#include "noports/atclient/backoff.hpp"
#include "noports/atclient/bell.hpp"
#include "noports/atclient/login.hpp"
#include "noports/atclient/progress.hpp"

namespace noports::atclient {

class Monitor {
 public:
  struct Pace {
    std::chrono::milliseconds heartbeat{10'000};  // noop:0 so often
    std::chrono::milliseconds answer{5'000};      // without any byte after one: the end
    std::chrono::milliseconds login{10'000};      // one attempt
    std::chrono::milliseconds first_pause{200};   // before a reconnect, doubling up to ...
    std::chrono::milliseconds most_pause{5'000};
  };
  // Longer lines are dropped: NoPorts' own notifications have a few KiB.
  static constexpr std::size_t kLineLimit = std::size_t{1} << 20;  // bytes

  // `heard` is told of each new notification, statistics excepted, in the order of arrival, on the
  // loop. It must not end the monitor. What it throws, a bug, costs this notification and the
  // connection, which is made anew.
  Monitor(asio::any_io_executor executor, Login& login, Progress progress,
          std::function<void(at::Notification)> heard);
  Monitor(asio::any_io_executor executor, Login& login, Progress progress,
          std::function<void(at::Notification)> heard, Pace pace);

  // The first connection: logged in, and everything later than where the progress begins will be
  // heard once run() runs. Once, before run().
  asio::awaitable<Result<void>> open(net::Deadline deadline);
  // The task's body; until cancelled, or until the atServer says that our enrolment is withdrawn:
  // that error (revoked).
  asio::awaitable<Error> run();

  bool is_connected() const noexcept { return connection_ != nullptr; }
  const Progress& progress() const noexcept { return progress_; }

 private:
  asio::awaitable<Result<void>> connect(net::Deadline deadline);
  asio::awaitable<Result<void>> listen();
  asio::awaitable<Result<void>> beat();
  asio::awaitable<Result<void>> converse();
  void hear(const std::string& line);
  Result<void> try_hear(const std::string& line);
  void hear_push(const std::string& json);

  Login& login_;
  Progress progress_;
  std::function<void(at::Notification)> heard_;
  Pace pace_;
  Backoff backoff_;
  Bell bell_;  // of the heartbeat
  std::unique_ptr<Connection> connection_;
  bool is_over_ = false;     // this connection's end has been seen
  bool is_awaited_ = false;  // a heartbeat has been sent and nothing has come since
};

}  // namespace noports::atclient
