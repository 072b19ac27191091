// SPDX-License-Identifier: BSD-3-Clause
// A connection to an atServer: feeds the pure session with lines and carries out what it says.
#pragma once

#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "noports/atserver/monitors.hpp"
#include "noports/atserver/services.hpp"
#include "noports/atserver/session.hpp"
#include "noports/atserver/wire.hpp"

namespace noports::atserver {

class Connection final : public MonitorConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Services& services, Account account, std::shared_ptr<Wire> wire, Admission::Slot slot);

  // From the greeting to the end.
  static asio::awaitable<void> converse(std::shared_ptr<Connection> self);

  void offer(const Arrival& arrival) override;
  void tell(const std::string& line) override;

 private:
  class Farewell;
  Moment moment() const;
  Outcome in_scope(const std::function<Outcome()>& step);
  asio::awaitable<Outcome> answer_line(std::string line);
  // False when the deadline comes first.
  asio::awaitable<bool> hold_back(std::chrono::milliseconds wait);
  bool may_go_on(const Outcome& outcome) const noexcept;
  void take_seat(Outcome& outcome);
  void follow_enrolment();
  void queue_answer(const Outcome& outcome, std::shared_ptr<const Drain::Work> work);
  void start_monitor();
  void catch_up();
  void follow_authentication();
  void finish() noexcept;

  Services& services_;
  Session session_;
  std::shared_ptr<Wire> wire_;
  Admission::Slot slot_;
  std::optional<Admission::Slot> seat_;   // among the owners or the peers, once proved
  std::string seated_as_;                 // whom the seat was taken for
  std::optional<Enrolled::Place> place_;  // while logged in with an enrolment
  enum class Standing { stranger, owner, peer };
  Standing standing() const noexcept;
  Standing standing_ = Standing::stranger;  // as the limits see it
  bool monitors_ = false;                   // registered
  bool caught_up_ = false;  // what is stored has been sent; arrivals are sent as they come
  std::int64_t seen_ = 0;   // epoch up to which this monitor has been served
};

// The life of a connection that was just accepted, from the TLS handshake on.
asio::awaitable<void> serve_atserver(Services& services, net::Socket socket, Admission::Slot slot,
                                     Account account);

}  // namespace noports::atserver
