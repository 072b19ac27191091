// SPDX-License-Identifier: BSD-3-Clause
// Multi sessions to several destinations behind one device. A `connect` line of the control channel
// names no destination (noports-newer.md 5.3), so each destination has a session of its own: opened
// when it is first wanted, kept while it is used, shared by all connections to it.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "noports/base/result.hpp"
#include "noports/bridge/leg.hpp"
#include "noports/bridge/pumps.hpp"
#include "noports/bridge/remote_dialer.hpp"
#include "noports/net/poller.hpp"
#include "noports/net/task_group.hpp"

namespace noports::bridge {

class Destinations {
 public:
  // Asks relay and device for a session to that target.
  using OpenLeg = std::function<asio::awaitable<Result<Leg>>(Target target)>;

  struct Options {
    // A session ends when no connection has been open for this long.
    std::chrono::milliseconds idle{30'000};
    std::chrono::milliseconds heartbeat{std::chrono::minutes{5}};  // as ServeOptions::heartbeat
    // Sessions at once. A relay of ours gives one client 64; half of them leave room for the
    // client's other programs.
    std::size_t most = 32;
    std::function<void(const Target&, const Error&)> on_trouble = [](const Target&, const Error&) {
    };
  };

  // `poller` outlives it.
  Destinations(net::Poller& poller, OpenLeg open, Options options);
  ~Destinations();
  Destinations(const Destinations&) = delete;
  Destinations& operator=(const Destinations&) = delete;

  // Returns when a session to `target` stands. Errors: those of OpenLeg and of the control channel;
  // busy when there are as many sessions as may be. Each is also told to on_trouble, once. Whoever
  // asks at the same time shares the answer.
  asio::awaitable<Result<void>> reach(Target target);
  // Carries `application` to where reach() has led; returns at once. When the session has ended
  // meanwhile it is opened again. A connection that cannot be carried is closed and reported.
  void carry(const Target& target, Side application);
  std::size_t size() const noexcept { return sessions_.size(); }

  // Ends every session; must be awaited before it dies.
  asio::awaitable<void> close();

 private:
  struct Session;
  using Name = std::pair<std::string, std::uint16_t>;

  std::shared_ptr<Session> session_to(const Target& target);  // null: there are too many
  asio::awaitable<void> run(std::shared_ptr<Session> session);
  asio::awaitable<Result<void>> serve(std::shared_ptr<Session> session);

  net::Poller& poller_;
  OpenLeg open_;
  Options options_;
  std::map<Name, std::shared_ptr<Session>> sessions_;
  net::TaskGroup tasks_;
};

}  // namespace noports::bridge
