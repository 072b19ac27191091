// SPDX-License-Identifier: BSD-3-Clause
// From a pushed notification to the inboxes that want it: checked first, decrypted last. One
// loop's.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string_view>

#include "noports/at/notification.hpp"
#include "noports/atclient/inboxes.hpp"
#include "noports/atclient/shared_keys.hpp"
#include "noports/net/task_group.hpp"

namespace noports::atclient {

class Reception {
 public:
  // Encrypted values longer than this (base64) are dropped; NoPorts' own have a few KiB.
  static constexpr std::size_t kMostValue = 256 * 1024;
  // Notifications that wait for the first subscriber.
  static constexpr std::size_t kMostHeld = 256;
  // Keys that are being fetched at a time; more notifications without a key are dropped.
  static constexpr std::size_t kMostFetched = 16;

  // All of them outlive this; `tasks` is joined before.
  Reception(at::Atsign self, Inboxes& inboxes, SharedKeys& keys, net::TaskGroup& tasks);

  // Delivers it at once when its key is known, later when the key must be fetched first. What is
  // not a proper letter to us, or wanted by nobody, is dropped. Until release() it is held.
  void hear(at::Notification notification);

  // There is a subscriber: what is held is delivered in the next turn of the loop, when all
  // subscriptions of this turn have been made.
  void release();

 private:
  struct Arrival {
    Note note;  // its value still encrypted
    Sealing sealing;
  };
  using Clock = std::chrono::steady_clock;
  using Token = std::shared_ptr<const bool>;  // each fetch holds one

  Result<Arrival> examine(at::Notification notification) const;
  void admit(Arrival arrival);
  bool deliver(Arrival arrival, const crypto::Secret& key);
  void fetch_key(Arrival arrival, bool fresh);
  asio::awaitable<void> deliver_held();
  asio::awaitable<void> deliver_fetched(Arrival arrival, bool fresh, Token token);
  void drop(const Note& note, std::string_view reason);
  bool may_refetch(const at::Atsign& sender);

  at::Atsign self_;
  Inboxes& inboxes_;
  SharedKeys& keys_;
  net::TaskGroup& tasks_;
  std::deque<Arrival> held_;
  std::map<at::Atsign, Clock::time_point> refetched_;
  Token fetching_ = std::make_shared<const bool>(true);
  Clock::time_point next_warning_{};
  bool is_releasing_ = false;
  bool is_released_ = false;
};

}  // namespace noports::atclient
