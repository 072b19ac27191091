// SPDX-License-Identifier: BSD-3-Clause
// The subscriptions of one mailbox: who wants which notification, and the queues in which they
// wait to be read. Not for finding or decrypting them.
#pragma once

#include <asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "noports/atclient/mailbox.hpp"

namespace noports::atclient {

class Inboxes {
 public:
  // Notes that wait in one inbox; more than a burst of requests, small enough to hold for everyone.
  static constexpr std::size_t kMost = 256;

  explicit Inboxes(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  ~Inboxes();

  // Effective at once. The inbox may outlive this object; it then answers `disconnected`.
  Inbox subscribe(Wanted wanted);

  // Whether anybody subscribes to it: asked before anything is decrypted.
  bool is_wanted(const at::Atsign& from, std::string_view key) const;

  // Puts the note into each inbox that wants it; says into how many.
  std::size_t deliver(const Note& note);

  // Every wait, now and later, ends with `why` once the notes already there are read. The first
  // call counts.
  void close(const Error& why);

 private:
  struct Queue;
  class Reader;

  asio::any_io_executor executor_;
  std::vector<std::weak_ptr<Queue>> queues_;
  std::optional<Error> closed_;
};

}  // namespace noports::atclient
