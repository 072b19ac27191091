// SPDX-License-Identifier: BSD-3-Clause
// Elsewhere, as a platform sees it that has joined another: that one's directory is asked.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <optional>

#include "noports/atserver/elsewhere.hpp"

namespace noports::atserver {

class HostFinder final : public Elsewhere {
 public:
  using Clock = std::chrono::steady_clock;

  // `to_host` is for the directory at `host`, `to_peers` for what it names.
  HostFinder(Place host, net::TlsContext to_host, std::function<net::TlsContext()> to_peers)
      : host_(std::move(host)), to_host_(std::move(to_host)), to_peers_(std::move(to_peers)) {}

  // A place is remembered for a minute; longer only for when the host does not answer. At most
  // kAtOnce questions are under way, others wait for their turn.
  asio::awaitable<Result<Place>> find(at::Atsign atsign, net::Deadline deadline) override;
  void doubt(const at::Atsign& atsign) override;
  net::TlsContext tls() override;

  static constexpr std::size_t kAtOnce = 16;
  static constexpr std::size_t kMostKnown = 4096;

 private:
  struct Known {
    Place place;
    Clock::time_point fresh_until, kept_until;
  };
  asio::awaitable<Result<std::optional<Place>>> ask(at::Atsign atsign, net::Deadline deadline);
  asio::awaitable<Result<std::optional<Place>>> ask_in_turn(at::Atsign atsign,
                                                            net::Deadline deadline);
  void remember(const at::Atsign& atsign, const Place& place);

  Place host_;
  net::TlsContext to_host_;
  std::function<net::TlsContext()> to_peers_;
  net::TlsContext tls_;
  std::map<at::Atsign, Known> known_;
  std::size_t asking_ = 0;
  std::list<asio::steady_timer*> waiting_;  // in the order of their coming
};

}  // namespace noports::atserver
